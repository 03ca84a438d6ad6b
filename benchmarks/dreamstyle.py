"""What `dreamstyle-nano` does by style picture, painted first frame and text on unseen clips, against colours alone."""

import time
from itertools import product

import numpy as np

from benchmarks.harness import Measurement, main, say
from benchmarks.paintedclip import first_frames, repaint_files
from benchmarks.stylemaster import likeness
from impasto.evaluation.assets import clip_file, style_file
from impasto.evaluation.dreamstyle.mainpainting import in_colours_of
from impasto.evaluation.dreamstyle.mainprotocol import MainProtocol
from impasto.evaluation.dreamstyle.painting import first_frame, painted
from impasto.evaluation.judge import Judge, Seen, read_picture
from impasto.evaluation.metrics.clipnano import clip_vector
from impasto.evaluation.tables.protocol import Span, read_frames
from impasto.guidance import Guidance, Style
from impasto.job.pixels import to_float
from impasto.perception.clipnano import embedded_clip_nano
from impasto.stylizers.registry import MODELS
from impasto.video.types import Picture

MODEL = "dreamstyle-nano"
CLIP, STYLE, FRAMES = "davis_dance-twirl", "nst-vg-olive", 33
"""What is timed."""
PAINTER = "swift"
"""Of the first frames that are followed; they are painted once and kept."""


class Looking:
    """Judges some frames of a clip."""

    def __init__(self, source: list[Picture]) -> None:
        self._judge, self._places = Judge(), [0, len(source) // 2, len(source) - 1]
        self._source = self._see(source)

    def _see(self, frames: list[Picture]) -> list[Seen]:
        return [self._judge.see(frames[place]) for place in self._places]

    def style(self, frames: list[Picture], picture: Picture) -> list[float]:
        """Gap, content distance and csd-nano, the means over the frames."""
        wanted = self._judge.see(picture)
        verdicts = [self._judge(*pair, wanted) for pair in zip(self._see(frames), self._source, strict=True)]
        liking = [likeness(frames[place], picture) for place in self._places]
        return [float(np.mean(x)) for x in ([v.gap for v in verdicts], [v.content for v in verdicts], liking)]

    def text(self, frames: list[Picture], words: str) -> float:
        """clip-nano: cosine of frames and words."""
        wanted = embedded_clip_nano().text([words])[0]
        return float(np.mean([(clip_vector(to_float(frames[place])) @ wanted).item() for place in self._places]))


def measure(quick: bool = False) -> Measurement:
    protocol, stylizer = MainProtocol(), MODELS[MODEL].load("standard")
    cases = [*product(protocol.clips, protocol.styles)][: 1 if quick else None]
    rows: list[dict[str, float]] = []
    for number, ((clip, caption), (style, words)) in enumerate(cases):
        source = read_frames(clip, Span(name="", frames=5 if quick else protocol.frames, width=protocol.width))
        picture, first = style_file(style), first_frame(PAINTER, source[0], clip, style)
        looking, row = Looking(source), dict[str, float]()
        for mode, shown, guidance in (
            ("style", picture, Guidance(prompt=caption, styles=(Style(image=picture),), seed=number)),
            ("first", first, Guidance(prompt=caption, first_frame=first, seed=number)),
        ):
            target = read_picture(shown)
            outputs = {"": painted(stylizer, source, guidance), "_transport": in_colours_of(source, target)}
            outputs |= {"_source": source}
            for name, frames in outputs.items():
                figures = zip(("gap", "content", "csd"), looking.style(frames, target), strict=True)
                row |= {f"{key}_{mode}{name}": value for key, value in figures}
        by_text = painted(stylizer, source, Guidance(prompt=f"{caption}, {words}", seed=number))
        row["content_text"] = looking.style(by_text, read_picture(picture))[1]
        outputs = {"": by_text, "_transport": in_colours_of(source, read_picture(picture)), "_source": source}
        row |= {f"clip_text{name}": looking.text(frames, words) for name, frames in outputs.items()}
        say(f"{clip} in {style}: " + " ".join(f"{key} {value:.3f}" for key, value in row.items()))
        rows.append(row)
    frames = first_frames(clip_file(CLIP), 5 if quick else FRAMES)
    start = time.perf_counter()
    repaint_files(frames, Guidance(styles=(Style(image=style_file(STYLE)),)), MODEL)
    minutes = (time.perf_counter() - start) / 60
    return Measurement(
        {key: float(np.mean([row[key] for row in rows])) for key in rows[0]} | {"minutes": minutes},
        {
            "cases": f"{len(rows)} clips in styles, of those of `impasto evaluate table dreamstyle-main`: "
            f"{protocol.frames} frames, {protocol.width} pixels wide; the first, middle and last are looked at; preset "
            "standard",
            "style, first": "gap and content distance of frames seen at 256x256 (impasto.evaluation.judge), csd-nano, "
            f"to the style picture, or to the first frame as {PAINTER} paints it with preset draft",
            "text": "clip-nano: cosine of frames and of the words for the style",
            "transport": "the clip with mean and covariance of the picture's colours; source: the clip itself",
            "minutes": f"the whole job for the first {len(frames)} frames of {CLIP}, PNG in and out, default preset",
        },
    )


if __name__ == "__main__":
    main("dreamstyle", measure)
