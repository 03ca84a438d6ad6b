"""Which frame of a source belongs to each frame of an output."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from impasto.errors import InputError

Times = NDArray[np.float64]
SLACK = 2
"""Frames by which two videos of the same moments may differ in length: converters drop and add them at the ends."""


@dataclass(frozen=True)
class Timeline:
    """When the frames of a video are shown."""

    name: str
    times: Times
    duration: float
    """Seconds, the last frame included."""

    @property
    def frame(self) -> float:
        """Mean duration of a frame in seconds."""
        return self.duration / len(self.times)

    def __str__(self) -> str:
        count = len(self.times)
        return f"{self.name!r} lasts {self.duration:.2f} s ({count} frames at {1 / self.frame:.4g} a second)"


@dataclass(frozen=True)
class Alignment:
    way: Literal["by number", "by time"]
    partners: NDArray[np.intp]
    """Number of the source's frame for each frame of the output, ascending; shorter where the source ends early."""


def align(output: Timeline, source: Timeline) -> Alignment:
    """Pair frames by number where both have as many at the same times, else each with the nearest in time.

    Raises:
        InputError: the two differ in length by more than two frames.
    """
    longer = max(output.frame, source.frame)
    if len(output.times) == len(source.times) and np.all(abs(output.times - source.times) <= longer / 2):
        return Alignment("by number", np.arange(len(output.times)))
    if abs(output.duration - source.duration) > (SLACK + 0.5) * longer:
        raise InputError(f"{output}, and its source {source}; give the source of just these moments.")
    between = (source.times[1:] + source.times[:-1]) / 2
    covered = output.times + output.frame / 2 < source.duration
    return Alignment("by time", np.searchsorted(between, output.times[covered]))
