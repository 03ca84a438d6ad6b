"""How far colours wander off, from one stretch of a video to the next."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from impasto.color.deltae import ciede2000


@dataclass(frozen=True)
class Drift:
    delta_e: tuple[float, ...]
    """CIEDE2000 of each stretch from the first; the first is 0."""
    slope: float
    """Of the least-squares line through them, deltaE per stretch."""


def mean_lab(rgb: NDArray[np.float32]) -> NDArray[np.float64]:
    """The mean CIE Lab colour, [3], of a picture, float32 RGB [H, W, 3] in [0, 1]."""
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB).mean((0, 1), dtype=np.float64)


def drift_of(colors_NLab: Sequence[ArrayLike]) -> Drift:
    """The drift of the mean colours of two stretches or more, in order."""
    colors = np.asarray(colors_NLab, np.float64)
    distances = ciede2000(colors, colors[:1])
    slope = np.polyfit(np.arange(len(distances)), distances, 1)[0]
    return Drift(tuple(distances.tolist()), float(slope))
