"""Temporal flicker as VBench measures it (Huang 2024)."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

import numpy as np

from impasto.evaluation.metrics.frames import Frame, checked
from impasto.evaluation.metrics.protocol import MetricProtocol

TEMPORAL_FLICKER = MetricProtocol(
    name="temporal flicker (VBench)",
    better="higher",
    definition="1 - mean absolute difference of neighbouring frames, RGB in [0, 1] (Huang 2024)",
    frames="every two neighbouring frames; mean",
    trap="rewards stillness: whatever moves counts as flicker; for static scenes, elsewhere take the warp error",
)


def frame_changes(frames: Iterable[Frame]) -> Iterator[float]:
    """Mean absolute difference of each frame from the one before it, in 0..1.

    Raises:
        InputError: fewer than two frames, or one is no picture or of another size (says which).
    """
    for before, after in pairwise(checked(frames, 2)):
        yield float(np.abs(after - before).mean(dtype=np.float64))


def temporal_flicker(frames: Iterable[Frame]) -> float:
    """VBench's score in 0..1: 1 - the mean of `frame_changes`, 1 where nothing changes; raises as it does."""
    return 1 - float(np.mean(list(frame_changes(frames))))
