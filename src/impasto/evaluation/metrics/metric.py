"""What a metric is to whoever measures a painted clip: when it can be measured, and how.

A `FrameMetric` looks at single moments, a `ClipMetric` at a clip from its first frame to its last, a `SetMetric` at all
clips together. The functions behind them take frames alone and know nothing of this module.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, Protocol, TypeVar

from impasto.errors import InputError
from impasto.evaluation.metrics.frames import Frame
from impasto.evaluation.metrics.protocol import MetricProtocol

Need = Literal["source", "style", "prompt", "first_frame"]
"""What a metric compares an output with."""
Seen = TypeVar("Seen")
Extractor = Callable[[Frame], Seen]
"""What a network, or anything else that takes long, sees in a frame."""
Comparer = Callable[[Seen, Seen], float]
"""A figure of what is seen in source and output."""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What the output was to become."""

    styles: tuple[Frame, ...] = ()
    prompt: str = ""
    first_frame: Frame | None = None


@dataclass
class Look:
    """One moment of a clip; what is seen in it, or compared, is so once, for all metrics."""

    output: Frame
    source: Frame | None = None
    _seen: dict[tuple[int, Extractor[Any]], Any] = field(default_factory=dict)
    _compared: dict[tuple[Extractor[Any], Comparer[Any]], float] = field(default_factory=dict)

    def in_output(self, extractor: Extractor[Seen]) -> Seen:
        """What `extractor` sees in the output."""
        return self._see(extractor, self.output)

    def in_source(self, extractor: Extractor[Seen]) -> Seen:
        """What `extractor` sees in the source; raises `InputError` where there is none."""
        return self._see(extractor, self._given_source())

    def compared(self, extractor: Extractor[Seen], measure: Comparer[Seen]) -> float:
        """`measure` of what `extractor` sees in source and output; raises `InputError` where there is no source."""
        place = extractor, measure
        if place not in self._compared:
            self._compared[place] = measure(self.in_source(extractor), self.in_output(extractor))
        return self._compared[place]

    def unpainted(self) -> "Look":
        """The same moment with the source in place of the output; raises `InputError` where there is none."""
        return Look(self._given_source(), _seen=self._seen)

    def _given_source(self) -> Frame:
        if self.source is None:
            raise InputError("This metric compares with the source, and there is none; give it.")
        return self.source

    def _see(self, extractor: Extractor[Seen], frame: Frame) -> Seen:
        place = id(frame), extractor
        if place not in self._seen:
            self._seen[place] = extractor(frame)
        return self._seen[place]


class Footage(Protocol):
    """A clip that can be read again and again."""

    fps: Fraction

    def outputs(self) -> Iterator[Frame]:
        """All frames of the output."""
        ...

    def sources(self) -> Iterator[Frame]:
        """The frames of the source that belong to them, as many and of the same size."""
        ...


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One number, and how it runs over the clip."""

    value: float
    curve: tuple[float, ...] = ()
    """A figure for each frame, pair or segment, evenly spread over the clip, NaN where one has none; empty where there
    is but one."""
    detail: dict[str, Any] = field(default_factory=dict)
    """What else belongs to the number: a magnitude, a deviation."""
    source: "Measured | None" = None
    """The source's own figure, the baseline. A metric that needs no source leaves it to whoever measures."""


def _has_no_weights() -> None:
    """The check of a metric without weights."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    key: str
    """As the user and JSON name it."""
    protocol: MetricProtocol
    needs: frozenset[Need] = frozenset()
    unit: str = ""
    """Empty for a number without one."""
    curve: str = ""
    """What its curve shows, where that is not the figure itself at each time."""
    by_name_only: bool = False
    """Measured where it is asked for only, since a frame takes half a minute on a CPU."""
    check_weights: Callable[[], object] = _has_no_weights
    """Raises `ModelError`, with the files that are wanted and their sizes, where weights are missing; loads nothing."""


@dataclass(frozen=True, kw_only=True)
class FrameMetric(Metric):
    """A figure for each frame that is looked at; the mean counts."""

    begin: Callable[[Reference], Callable[[Look], float]]
    """Looks at the reference once; the function that it gives measures a moment. Raises as `check_weights` does."""


@dataclass(frozen=True, kw_only=True)
class ClipMetric(Metric):
    """A figure of a clip from its frames in order."""

    measure: Callable[[Footage, Reference], Measured]
    """Reads the clip as often as it likes, in memory that does not grow with its length.

    Raises as `check_weights` does, and `InputError` for a clip that has no such figure.
    """


class Tally(Protocol):
    """Gathers a set of clips, in memory that grows by no more than one feature vector a picture."""

    def add(self, look: Look) -> None: ...

    def result(self) -> Measured:
        """Raises `InputError` where too little was seen."""
        ...


@dataclass(frozen=True, kw_only=True)
class SetMetric(Metric):
    """A figure of many pictures together: of all clips that are measured, and all their styles."""

    begin: Callable[[Sequence[Reference]], Tally]
    """Raises as `check_weights` does."""
