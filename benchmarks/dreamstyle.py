"""What `dreamstyle-nano` does by style picture, painted first frame and text on unseen clips, against colours alone."""

from collections.abc import Callable
from itertools import product

import numpy as np
import torch

from benchmarks.harness import Measurement, main, say
from benchmarks.paintedclip import minutes_of
from benchmarks.stylemaster import likeness
from impasto.evaluation.assets import style_file
from impasto.evaluation.dreamstyle.mainpainting import in_colours_of
from impasto.evaluation.dreamstyle.mainprotocol import MainProtocol
from impasto.evaluation.dreamstyle.painting import first_frame, painted
from impasto.evaluation.judge import Judge, Seen, mean_verdict, read_picture
from impasto.evaluation.metrics.clipnano import clip_vector
from impasto.evaluation.tables.protocol import Span, read_frames
from impasto.guidance import Guidance, Style
from impasto.job.pixels import to_float
from impasto.perception.clipnano import embedded_clip_nano
from impasto.perception.statistics import content_distance
from impasto.stylizers.registry import MODELS
from impasto.video.types import Picture

MODEL = "dreamstyle-nano"
PAINTER = "swift"
"""Of the first frames that are followed; they are painted once and kept."""


class Looking:
    """Judges some frames of a clip."""

    def __init__(self, judge: Judge, source: list[Picture]) -> None:
        self._judge, self._places = judge, [0, len(source) // 2, len(source) - 1]
        self._source = self._see(source)

    def style(self, frames: list[Picture], picture: Picture) -> list[float]:
        """Gap, content distance and csd-nano, the means over the frames."""
        wanted, seen = self._judge.see(picture), zip(self._see(frames), self._source, strict=True)
        verdict = mean_verdict([self._judge(output, source, wanted) for output, source in seen])
        return [verdict.gap, verdict.content, self._mean(frames, lambda frame: likeness(frame, picture))]

    def content(self, frames: list[Picture]) -> float:
        """Content distance."""
        seen = zip(self._see(frames), self._source, strict=True)
        distances = [content_distance(output.relu4_1, source.relu4_1).item() for output, source in seen]
        return float(np.mean(distances))

    def text(self, frames: list[Picture], words: str) -> float:
        """clip-nano: cosine of frames and words."""
        wanted = embedded_clip_nano().text([words])[0]
        return self._mean(frames, lambda frame: torch.dot(clip_vector(to_float(frame)), wanted).item())

    def _see(self, frames: list[Picture]) -> list[Seen]:
        return [self._judge.see(frames[place]) for place in self._places]

    def _mean(self, frames: list[Picture], measure: Callable[[Picture], float]) -> float:
        return float(np.mean([measure(frames[place]) for place in self._places]))


def measure(quick: bool = False) -> Measurement:
    protocol, judge, stylizer = MainProtocol(), Judge(), MODELS[MODEL].load("standard")
    cases = [*product(protocol.clips, protocol.styles)][: 1 if quick else None]
    rows: list[dict[str, float]] = []
    for number, ((clip, caption), (style, words)) in enumerate(cases):
        source = read_frames(clip, Span(name="", frames=5 if quick else protocol.frames, width=protocol.width))
        picture, first = style_file(style), first_frame(PAINTER, source[0], clip, style)
        looking, row = Looking(judge, source), dict[str, float]()
        guided = {
            "style": (picture, Guidance(prompt=caption, styles=(Style(image=picture),), seed=number)),
            "first": (first, Guidance(prompt=caption, first_frame=first, seed=number)),
        }
        coloured = {mode: in_colours_of(source, read_picture(shown)) for mode, (shown, _) in guided.items()}
        for mode, (shown, guidance) in guided.items():
            outputs = {"": painted(stylizer, source, guidance), "_transport": coloured[mode], "_source": source}
            for name, frames in outputs.items():
                figures = zip(("gap", "content", "csd"), looking.style(frames, read_picture(shown)), strict=True)
                row |= {f"{key}_{mode}{name}": value for key, value in figures}
        by_text = painted(stylizer, source, Guidance(prompt=f"{caption}, {words}", seed=number))
        row["content_text"] = looking.content(by_text)
        for name, frames in {"": by_text, "_transport": coloured["style"], "_source": source}.items():
            row[f"clip_text{name}"] = looking.text(frames, words)
        say(f"{clip} in {style}: " + " ".join(f"{key} {value:.3f}" for key, value in row.items()))
        rows.append(row)
    minutes, timed = minutes_of(MODEL, quick)
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
            "minutes": timed,
        },
    )


if __name__ == "__main__":
    main("dreamstyle", measure)
