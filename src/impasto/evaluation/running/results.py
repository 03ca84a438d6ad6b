"""What an evaluation found, and how JSON tells it (docs/json.md)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean, stdev
from typing import Any

from impasto.evaluation.metrics.metric import ClipMetric, Measured, Metric, SetMetric
from impasto.evaluation.metrics.motion import RATE
from impasto.evaluation.metrics.protocol import MetricProtocol
from impasto.evaluation.running.clip import Clip
from impasto.evaluation.running.external import ExternalFigure
from impasto.evaluation.running.references import SIDE
from impasto.job.plain import plain


@dataclass(frozen=True, kw_only=True)
class Figure:
    """What a metric says, or why it says nothing."""

    measured: Measured | None = None
    times: tuple[float, ...] = ()
    """Seconds of the points of the curve."""
    reason: str = ""
    """Why it could not be measured; else empty."""
    weights_missing: bool = False


NOT_YET = Figure(reason="stopped before its turn")


@dataclass(frozen=True, kw_only=True)
class Summary:
    """One metric over several clips."""

    clips: int
    mean: float
    deviation: float
    """Of the clips, with n - 1."""
    least: float
    most: float
    source: float | None
    """Mean of the sources' own figures."""


@dataclass(frozen=True, kw_only=True)
class ClipResult:
    clip: Clip
    step: int
    """Metrics of single moments looked at one in so many frames."""
    figures: dict[str, Figure]
    """By the keys of the metrics."""

    @property
    def looks(self) -> int:
        return -(-self.clip.frames // self.step)


@dataclass(frozen=True, kw_only=True)
class Evaluation:
    metrics: tuple[Metric, ...]
    clips: tuple[ClipResult, ...]
    together: dict[str, Figure] = field(default_factory=dict)
    """Figures of all clips as one set, by the keys of the metrics."""
    every_frame: bool = False
    external: tuple[ExternalFigure, ...] = ()

    def by_name(self) -> list[tuple[str, dict[str, Figure]]]:
        """The figures of each clip under its output, and those of all clips as one set."""
        clips = [(str(result.clip.comparison.output), result.figures) for result in self.clips]
        return [*clips, ("all clips", self.together)]

    @property
    def failures(self) -> list[Figure]:
        """What was not measured."""
        return [figure for _, figures in self.by_name() for figure in figures.values() if figure.reason]

    @property
    def complete(self) -> bool:
        """Whether everything had its turn."""
        return NOT_YET not in self.failures

    def summary(self) -> dict[str, Summary]:
        """Of the metrics that were measured on two clips or more."""
        found = {}
        for metric in self.metrics:
            figures = [result.figures.get(metric.key, Figure()).measured for result in self.clips]
            measured = [figure for figure in figures if figure]
            if len(measured) > 1:
                found[metric.key] = _summary(measured)
        return found


def _summary(figures: Sequence[Measured]) -> Summary:
    values = [figure.value for figure in figures]
    sources = [figure.source.value for figure in figures if figure.source]
    return Summary(
        clips=len(values),
        mean=fmean(values),
        deviation=stdev(values) if all(map(math.isfinite, values)) else math.nan,
        least=min(values),
        most=max(values),
        source=fmean(sources) if len(sources) == len(values) else None,
    )


def protocol_here(metric: Metric, every_frame: bool) -> MetricProtocol:
    """The protocol of a metric with what this evaluation adds to it: which frames, which style pictures."""
    frames, resize = metric.protocol.frames, metric.protocol.resize
    if not (isinstance(metric, ClipMetric) or every_frame):
        frames = f"of about {RATE} frames a second: {frames}"
    if isinstance(metric, SetMetric):
        frames = f"{frames}; each style picture once"
    if metric.needs & {"style", "first_frame"}:
        resize = f"{resize}; a given picture first to no side over {SIDE}"
    return replace(metric.protocol, frames=frames, resize=resize)


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as JSON values; infinity is the text "inf", and what does not exist is null."""
    return _finite(
        {
            "complete": evaluation.complete,
            "every_frame": evaluation.every_frame,
            "metrics": {metric.key: _protocol(metric, evaluation.every_frame) for metric in evaluation.metrics},
            "clips": [_clip(result) for result in evaluation.clips],
            "together": {key: _figure(figure) for key, figure in evaluation.together.items()},
            "summary": plain(evaluation.summary()),
            "external": plain(evaluation.external),
        }
    )


def _clip(result: ClipResult) -> dict[str, Any]:
    clip = result.clip
    return {
        **plain(clip.comparison),
        "width": clip.width,
        "height": clip.height,
        "fps": float(clip.fps),
        "frames": clip.frames,
        "seconds": clip.duration,
        "looks": result.looks,
        "aligned": clip.aligned,
        "notes": clip.notes,
        "figures": {key: _figure(figure) for key, figure in result.figures.items()},
    }


def _figure(figure: Figure) -> dict[str, Any]:
    measured = figure.measured
    source = measured.source if measured else None
    return {
        "value": measured.value if measured else None,
        "source": source.value if source else None,
        "reason": figure.reason,
        "detail": measured.detail if measured else {},
        "source_detail": source.detail if source else {},
        "times": list(figure.times),
        "curve": list(measured.curve) if measured else [],
        "source_curve": list(source.curve) if source else [],
    }


def _protocol(metric: Metric, every_frame: bool) -> dict[str, Any]:
    return {
        **plain(protocol_here(metric, every_frame)),
        "unit": metric.unit,
        "needs": sorted(metric.needs),
    }


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else f"{value:g}"
    return value
