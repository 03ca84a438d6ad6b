"""Metrics on their way to a figure; one that fails says why in its figure and does not stop the others.

What needs no source is measured on the source as well: that is the baseline of its figure.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import fmean

from impasto.errors import InputError, ModelError
from impasto.evaluation.metrics.metric import ClipMetric, FrameMetric, Look, Measured, Metric, Reference, SetMetric
from impasto.evaluation.running.clip import Clip, SourceAlone
from impasto.evaluation.running.results import NOT_YET, Figure


def _has_baseline(metric: Metric, clip: Clip) -> bool:
    return "source" not in metric.needs and clip.comparison.source is not None


class _Attempt:
    def __init__(self) -> None:
        self.figure = NOT_YET
        self._failed = False

    def _try(self, step: Callable[[], None]) -> None:
        if self._failed:
            return
        try:
            step()
        except (InputError, ModelError) as error:
            self._failed = True
            self.figure = Figure(reason=str(error), weights_missing=isinstance(error, ModelError))


class FrameAttempt(_Attempt):
    """A metric of single moments on one clip."""

    def __init__(self, metric: FrameMetric, clip: Clip, reference: Reference) -> None:
        super().__init__()
        self._metric, self._reference = metric, reference
        self._baseline = _has_baseline(metric, clip)
        self._values: list[float] = []
        self._of_source: list[float] = []

    def begin(self) -> None:
        """Load what is needed."""
        self._try(self._begin)

    def add(self, look: Look) -> None:
        """Look at the next moment."""
        self._try(lambda: self._add(look))

    def finish(self, times: Sequence[float]) -> None:
        """Make the figure of moments at these seconds."""
        self._try(lambda: self._finish(times))

    def _begin(self) -> None:
        self._metric.check_weights()
        self._measure = self._metric.begin(self._reference)

    def _add(self, look: Look) -> None:
        self._values.append(self._measure(look))
        if self._baseline:
            self._of_source.append(self._measure(look.unpainted()))

    def _finish(self, times: Sequence[float]) -> None:
        source = _mean(self._of_source) if self._baseline else None
        self.figure = Figure(measured=replace(_mean(self._values), source=source), times=tuple(times))


class ClipAttempt(_Attempt):
    """A metric of a clip from its first frame to its last."""

    def __init__(self, metric: ClipMetric, clip: Clip, reference: Reference) -> None:
        super().__init__()
        self.metric = metric
        self._clip, self._reference = clip, reference

    def run(self) -> None:
        """Read the clip and make the figure."""
        self._try(self._run)

    def _run(self) -> None:
        self.metric.check_weights()
        measured = self.metric.measure(self._clip, self._reference)
        if _has_baseline(self.metric, self._clip):
            measured = replace(measured, source=self.metric.measure(SourceAlone(self._clip), self._reference))
        points = len(measured.curve)
        times = tuple((point + 0.5) / points * self._clip.duration for point in range(points))
        self.figure = Figure(measured=measured, times=times)


class SetAttempt(_Attempt):
    """A metric of all clips together that have what it needs."""

    def __init__(self, metric: SetMetric, clips: Sequence[Clip], references: Sequence[Reference]) -> None:
        super().__init__()
        self.metric, self.clips = metric, clips
        self._references = references
        self._baseline = all(_has_baseline(metric, clip) for clip in clips)

    def begin(self) -> None:
        """Load what is needed and look at the styles."""
        self._try(self._begin)

    def add(self, look: Look) -> None:
        """Look at the next moment of one of the clips."""
        self._try(lambda: self._add(look))

    def finish(self) -> None:
        """Make the figure of all that was seen."""
        self._try(self._finish)

    def _begin(self) -> None:
        self.metric.check_weights()
        self._outputs = self.metric.begin(self._references)
        self._sources = self.metric.begin(self._references) if self._baseline else None

    def _add(self, look: Look) -> None:
        self._outputs.add(look)
        if self._sources:
            self._sources.add(look.unpainted())

    def _finish(self) -> None:
        source = self._sources.result() if self._sources else None
        self.figure = Figure(measured=replace(self._outputs.result(), source=source))


def _mean(values: Sequence[float]) -> Measured:
    return Measured(value=fmean(values), curve=tuple(values))
