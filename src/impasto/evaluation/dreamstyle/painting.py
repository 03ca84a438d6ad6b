"""What a row paints: every clip in every style, by a style picture, by a painted first frame, and by a text."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from itertools import product
from pathlib import Path

from impasto.diffusion.configs import NANO
from impasto.diffusion.embedded import embedded_base
from impasto.evaluation.ablation.painting import Painted
from impasto.evaluation.assets import style_file
from impasto.evaluation.dreamstyle.columns import Mode
from impasto.evaluation.dreamstyle.protocol import DreamStyleProtocol
from impasto.evaluation.dreamstyle.rows import Painter, Row
from impasto.evaluation.tables.code import code_digest
from impasto.evaluation.tables.painting import Floats
from impasto.evaluation.tables.protocol import Span, read_frames
from impasto.guidance import Guidance, Style
from impasto.job.hashing import hashes_of_weights
from impasto.job.pixels import to_bytes, to_float
from impasto.stylizers.base import Stylizer
from impasto.stylizers.dreamstyle.model import DreamStyle
from impasto.stylizers.dreamstyle.nano import nano_engine
from impasto.stylizers.dreamstyle.stylizer import DreamStyleStylizer
from impasto.stylizers.memoryshot import MemoryShot
from impasto.stylizers.registry import find_model
from impasto.video.pictures import write_picture
from impasto.video.types import Picture
from impasto.weights.paths import cache_dir

PAINTING: dict[Painter, tuple[str, ...]] = {
    "swift": ("color", "stylizers/feedforward"),
    "gatys": ("color", "losses", "stylizers/optimization"),
}
"""The code of what paints first frames."""


def paint(protocol: DreamStyleProtocol, row: Row, learned: Path, seed: int) -> Iterator[tuple[Mode, Painted]]:
    """Clips by each way to be guided.

    Raises:
        ModelError: weights or the data folder are missing, or what was learned does not fit.
    """
    model = DreamStyle.from_file(embedded_base(), NANO.name, learned)
    stylizer = DreamStyleStylizer(protocol.preset, nano_engine(model, protocol.scales))
    for number, ((style, words), (clip, caption)) in enumerate(product(protocol.styles, protocol.clips)):
        source = read_frames(clip, Span(name="", frames=protocol.frames, width=protocol.width))
        picture = style_file(style)
        first = first_frame(row.first, source[0], clip, style)
        chance = seed * 1000 + number
        told = Guidance(prompt=caption, control=row.control, seed=chance)
        ways: tuple[tuple[Mode, Path, str, Guidance], ...] = (
            ("style", picture, caption, replace(told, styles=(Style(image=picture),))),
            ("first", first, caption, replace(told, first_frame=first)),
            ("text", picture, words, replace(told, prompt=f"{caption}, {words}")),
        )
        for mode, shown, text, guidance in ways:
            yield mode, Painted(shown, text, painted(stylizer, source, guidance), source)


def first_frame(painter: Painter, frame: Picture, clip: str, style: str) -> Path:
    """The first frame of a clip as another model paints it, kept; all that use it follow the same."""
    folder = cache_dir() / "tables" / "dreamstyle" / "first"
    key = sha256(painter_key(painter).encode() + str(frame.shape).encode() + frame.tobytes()).hexdigest()[:16]
    path = folder / f"{painter}-{clip}-{style}-{key}.png"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        guidance = Guidance(styles=(Style(image=style_file(style)),))
        (seen,) = painted(find_model(painter).load("draft"), [frame], guidance)
        write_picture(path, seen)
    return path


def painter_key(painter: Painter) -> str:
    """Changes with what paints first frames."""
    return f"{hashes_of_weights(find_model(painter))} {code_digest(PAINTING[painter])}"


def painted(stylizer: Stylizer, source: list[Picture], guidance: Guidance) -> list[Picture]:
    """A clip as one shot, repainted."""
    stylizer.prepare(guidance, MemoryShot(Floats(source)), lambda share: None)
    return [to_bytes(frame) for frame in stylizer.stylize(map(to_float, source), {})]
