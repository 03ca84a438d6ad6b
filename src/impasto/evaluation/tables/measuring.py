"""The figures of a painted clip."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

from impasto.evaluation.assets import style_file
from impasto.evaluation.judge import Judge, Seen, mean_verdict, read_picture, square
from impasto.evaluation.tables.columns import Figures
from impasto.evaluation.tables.protocol import Protocol, Span, read_frames
from impasto.evaluation.transport import Clouds, clouds, exact, share_left, sliced
from impasto.evaluation.warp_error import STEPS, warp_error
from impasto.video.types import Picture


@dataclass(frozen=True)
class Look:
    """What there is to see in one picture."""

    seen: Seen
    clouds: Clouds


@dataclass(frozen=True)
class Before:
    """A frame that is to be repainted, and how far it is from the style."""

    seen: Seen
    sliced: list[float]
    exact: list[float]


class Meter:
    """Measures painted clips; keeps what it saw of the last clip and of the styles.

    Raises:
        ModelError: the data folder lacks a network, a clip or a style.
    """

    def __init__(self, protocol: Protocol) -> None:
        self._protocol, self._judge = protocol, Judge()
        self._styles: dict[str, Look] = {}
        self._sources: dict[tuple[str, Span], list[Picture]] = {}
        self._befores: dict[tuple[str, Span, int, str], Before] = {}

    def __call__(self, clip: str, style: str, span: Span, painted: Sequence[Picture]) -> Figures:
        """Figures by the key of their column; None where a clip is too short to have one."""
        sources = self._source(clip, span)
        last = len(sources) - 1
        numbers = sorted({round(last * i / max(1, self._protocol.judged - 1)) for i in range(self._protocol.judged)})
        verdicts, slices, exacts = [], [], []
        target = self._style(style)
        for number in numbers:
            now, before = self._look(painted[number]), self._before(clip, span, number, style)
            verdicts.append(self._judge(now.seen, before.seen, target.seen))
            slices.append(share_left(sliced(now.clouds, target.clouds), before.sliced))
            exacts.append(share_left(exact(now.clouds, target.clouds), before.exact))
        figures = asdict(mean_verdict(verdicts)) | {"sliced": float(np.mean(slices)), "exact": float(np.mean(exacts))}
        figures |= {key: _unsteadiness(sources, painted, step) for key, step in STEPS.items()}
        # Nothing else of them means anything; the sum makes -0.0 a zero.
        return {key: None if value is None else round(value, 6) + 0.0 for key, value in figures.items()}

    def _look(self, rgb: Picture) -> Look:
        return Look(self._judge.see(rgb), clouds(self._judge.first(square(rgb)), self._protocol.positions))

    def _style(self, style: str) -> Look:
        if style not in self._styles:
            self._styles[style] = self._look(read_picture(style_file(style)))
        return self._styles[style]

    def _source(self, clip: str, span: Span) -> list[Picture]:
        if (clip, span) not in self._sources:
            self._sources = {(clip, span): read_frames(clip, span)}
        return self._sources[clip, span]

    def _before(self, clip: str, span: Span, number: int, style: str) -> Before:
        key = clip, span, number, style
        if key not in self._befores:
            look, target = self._look(self._source(clip, span)[number]), self._style(style).clouds
            self._befores[key] = Before(look.seen, sliced(look.clouds, target), exact(look.clouds, target))
        return self._befores[key]


def _unsteadiness(sources: Sequence[Picture], painted: Sequence[Picture], step: int) -> float | None:
    return warp_error(sources, painted, step).output if len(sources) > step else None
