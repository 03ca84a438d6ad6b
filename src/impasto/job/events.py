"""What a run tells its caller while it works.

A callback may raise to cancel the run: nothing but `OUT.impasto/` then remains.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from impasto.job.plan import Plan
    from impasto.stylizers.base import FrameArray


@dataclass(frozen=True)
class FindingShots:
    fraction: float


@dataclass(frozen=True)
class Planned:
    plan: "Plan"


@dataclass(frozen=True)
class Resuming:
    """An earlier run was stopped, and this one goes on."""

    segments: int
    """That are there already, of"""
    total: int


@dataclass(frozen=True)
class LoadingModel:
    name: str


@dataclass(frozen=True)
class PreparingShot:
    shot: int
    """0 is the first."""
    shots: int
    fraction: float

    @classmethod
    def reporter(cls, shot: int, shots: int, on_event: "Listener") -> Callable[[float], None]:
        """The `progress` that a stylizer takes while it prepares."""
        return lambda fraction: on_event(cls(shot, shots, fraction))


@dataclass(frozen=True)
class FrameDone:
    done: int
    total: int
    painted: "FrameArray | None" = field(default=None, repr=False, compare=False)
    """The frame, before the mask, for those who show it; None where it was painted on another machine."""


@dataclass(frozen=True)
class Joining:
    """The segments are complete and become the output."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one run of a batch."""

    source: Path
    output: Path
    state: Literal["done", "done before", "failed"]
    frames: int | None = None
    """In the output; None where nothing was done now."""
    seconds: float | None = None
    error: Exception | None = None
    """Why it failed."""


Event = FindingShots | Planned | Resuming | LoadingModel | PreparingShot | FrameDone | Joining
Listener = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The listener of a caller that does not look."""
