"""EchoStyle's way: the clip is a painting already, and the raw side is what is made (2026, V-Style20k).

Its first and last frame become photos, and a network leads the one to the other along the depth of the painted clip. So
what the model will learn to paint is real art, and what a network did badly is on the side that it reads.

Legend: T frames, H height, W width. Frames are uint8 RGB.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from impasto.curation.animators import find_animator
from impasto.curation.animators.animator import Motion
from impasto.curation.clips import Scene
from impasto.curation.config import CurationConfig
from impasto.curation.editors import find_editor, is_editor
from impasto.curation.routes.painting import check_painter, painted
from impasto.curation.routes.route import Order, Paints, Pair, control_pictures, other_subjects
from impasto.curation.styles import Painting
from impasto.errors import UnsupportedOption
from impasto.guidance import Style
from impasto.video.pictures import write_picture
from impasto.video.types import Picture

TO_PHOTO = (
    "Turn this picture into a realistic photo of the same scene: the same things in the same places and poses, with "
    "natural light, materials and colours."
)


class Reversed:
    paints: Paints = "own"
    summary = "the clip is a painting, and a network makes the raw one from photos of its first and last frame"

    def check(self, config: CurationConfig) -> None:
        """Editor, painter and animator must be there; see `impasto.curation.routes.route.Route`."""
        find_editor(config.editor)
        if is_editor(config.painter):
            raise UnsupportedOption(
                f"Route 'reversed' knows styles by frames of its clips, and the editor {config.painter!r} paints by "
                "words; give another --painter."
            )
        check_painter(config.painter)
        find_animator(config.animator)

    def make(self, order: Order) -> Pair:
        config, frames = order.config, order.frames
        if isinstance(order.clip, Scene):
            raise UnsupportedOption("A rendered scene is no painting; give painted clips, or another route for scenes.")
        to_photo, controls, seed = find_editor(config.editor)(), control_pictures(order), order.seed
        first, last = (to_photo.edited(frames[place], TO_PHOTO, seed) for place in (0, -1))
        animate = find_animator(config.animator)(tuple(controls))
        raw = animate(Motion(first=first, last=last, text=order.caption, controls=controls, seed=seed))
        # Other clips of the same hand are not known: other content is painted after a frame of this one.
        with _as_painting(frames[len(frames) // 2], order.clip.licence) as painting:
            pictures = [painted(*subject, painting, config, order.seed) for subject in other_subjects(order)]
        lineage = {"photos by": config.editor, "style pictures by": config.painter, "controls": [*controls]}
        return Pair(raw, frames, pictures, {**lineage, **animate.lineage})


@contextmanager
def _as_painting(frame: Picture, licence: str) -> Iterator[Painting]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "frame.png"
        write_picture(path, frame)
        yield Painting(Style(image=path), (), licence)
