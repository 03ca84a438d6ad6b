"""Figures over time as lines for SVG.

Lengths are in the units of the drawing, which the page scales to its width.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 360, 180
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 10, 36
POINTS = 400
"""Most points of a line; beyond, neighbours are averaged."""


@dataclass(frozen=True)
class Tick:
    place: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Plot:
    lines: tuple[str, ...]
    """`points` of polylines of the output; a gap parts one from the next."""
    source_lines: tuple[str, ...]
    """The same of the source, the baseline."""
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    averaged: int
    """Neighbours that share a point."""

    width, height = WIDTH, HEIGHT
    left, right, top, bottom = LEFT, WIDTH - RIGHT, TOP, HEIGHT - BOTTOM


def plot(times: Sequence[float], values: Sequence[float], source: Sequence[float], duration: float) -> Plot | None:
    """Lay out a curve and that of its source over the seconds of a clip; None where there is too little to draw.

    Args:
        values: one for each time; what is not finite leaves a gap.
        source: as many, or none.
    """
    averaged = math.ceil(len(times) / POINTS)
    seconds, curves = _thinned(times, averaged), [_thinned(line, averaged) for line in (values, source)]
    shown = [value for curve in curves for value in curve if math.isfinite(value)]
    if sum(math.isfinite(value) for value in curves[0]) < 2:
        return None
    y_ticks = ticks(min(shown), max(shown))
    low, high = y_ticks[0], y_ticks[-1]
    x_ticks = [tick for tick in ticks(0, duration) if tick <= duration]

    def x(second: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * second / duration

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)

    def lines(curve: Sequence[float]) -> tuple[str, ...]:
        runs: list[list[str]] = [[]]
        for second, value in zip(seconds, curve, strict=False):
            if math.isfinite(value):
                runs[-1].append(f"{x(second):.1f},{y(value):.1f}")
            else:
                runs.append([])
        return tuple(" ".join(run) for run in runs if run)

    return Plot(
        lines=lines(curves[0]),
        source_lines=lines(curves[1]),
        x_ticks=tuple(Tick(x(tick), f"{tick:g}") for tick in x_ticks),
        y_ticks=tuple(Tick(y(tick), f"{tick:g}") for tick in y_ticks),
        averaged=averaged,
    )


def ticks(low: float, high: float) -> list[float]:
    """Three to six round numbers that enclose a range."""
    if high - low < 1e-9 * max(1, abs(low)):
        low, high = low - (abs(low) or 1) / 10, high + (abs(high) or 1) / 10
    rough = (high - low) / 4
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * unit for unit in (1, 2, 2.5, 5, 10) if power * unit >= rough * 0.999)
    first, last = math.floor(low / step * (1 + 1e-12)), math.ceil(high / step * (1 - 1e-12))
    return [number * step for number in range(first, last + 1)]


def _thinned(values: Sequence[float], share: int) -> list[float]:
    if share <= 1:
        return list(values)
    groups = (values[start : start + share] for start in range(0, len(values), share))
    return [sum(group) / len(group) for group in groups]
