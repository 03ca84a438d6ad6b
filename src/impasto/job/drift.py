"""How far the colours of each shot wander off from its first segment on, for the run record."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from impasto.color.drift import Drift, drift_of, mean_lab
from impasto.job.journal import Finished, Lab
from impasto.job.pixels import to_float
from impasto.job.segments import PlannedSegment

SIDE = 64
"""Pixels of the longer side at which colours are measured: enough for a mean."""


@dataclass(frozen=True, kw_only=True)
class ShotDrift:
    shot: int
    painted: Drift
    source: Drift
    """Beside it, since a source whose colours change takes the painting along."""


class MeanColor:
    """The mean colour of frames, in memory of a few bytes."""

    def __init__(self):
        self._sum = np.zeros(3)
        self._count = 0

    def add(self, rgb: NDArray[np.uint8]) -> None:
        height, width = rgb.shape[:2]
        scale = min(1.0, SIDE / max(height, width))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        self._sum += mean_lab(to_float(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)))
        self._count += 1

    @property
    def lab(self) -> Lab:
        lightness, a, b = (round(float(value), 4) for value in self._sum / self._count)
        return lightness, a, b


def drift_of_shots(planned: Sequence[PlannedSegment], finished: Mapping[int, Finished]) -> list[ShotDrift]:
    """The drift of every shot that has two segments or more."""
    shots: defaultdict[int, list[Finished]] = defaultdict(list)
    for number, segment in enumerate(planned):
        shots[segment.shot].append(finished[number])
    return [
        ShotDrift(
            shot=shot,
            painted=drift_of([done.colors.painted for done in parts]),
            source=drift_of([done.colors.source for done in parts]),
        )
        for shot, parts in shots.items()
        if len(parts) > 1
    ]
