"""How like two pictures are, pixel by pixel: PSNR and SSIM.

Legend: H height, W width. Pictures are float RGB [H, W, 3] in [0, 1].
"""

import math

import cv2
import numpy as np

from impasto.errors import InputError
from impasto.evaluation.metrics.frames import Frame, check_pair
from impasto.evaluation.metrics.protocol import EVERY_PAIR, MetricProtocol

WINDOW, SIGMA = 11, 1.5
C1, C2 = 0.01**2, 0.03**2
"""(K L)^2 of Wang 2004 with K1 = 0.01, K2 = 0.03 and the range of values L = 1."""

PSNR = MetricProtocol(
    name="PSNR",
    better="higher",
    definition="10 log10(1 / mean squared difference over pixels and RGB channels), decibels",
    frames=EVERY_PAIR,
    trap="endless for equal pictures; says how much was repainted, not how well",
)
SSIM = MetricProtocol(
    name="SSIM",
    better="higher",
    definition="Wang 2004: Gaussian window of 11x11 (sigma 1.5), K 0.01 and 0.03, windows inside the picture only; of "
    "each RGB channel, mean of the three",
    frames=EVERY_PAIR,
    trap="Wang's program halves large pictures first and many tools take the luminance only: both give other numbers",
)


def psnr(first: Frame, second: Frame) -> float:
    """Peak signal-to-noise ratio in decibels, `inf` where the pictures are equal.

    Raises:
        InputError: a picture is none, or their sizes differ.
    """
    check_pair(first, second)
    error = np.square(np.subtract(first, second, dtype=np.float64)).mean()
    return -10 * math.log10(error) if error else math.inf


def ssim(first: Frame, second: Frame) -> float:
    """Structural similarity in [-1, 1], 1 where the pictures are equal (Wang 2004, eq. 13), mean over channels.

    Raises:
        InputError: a picture is none, their sizes differ, or a side is shorter than the window.
    """
    check_pair(first, second)
    if min(first.shape[:2]) < WINDOW:
        height, width = first.shape[:2]
        raise InputError(f"The pictures are {width}x{height} pixels; SSIM needs sides of at least {WINDOW}.")
    # Double: a variance is the small difference of two large means.
    x, y = first.astype(np.float64), second.astype(np.float64)
    mean_x, mean_y = _windows(x), _windows(y)
    variance_x, variance_y = _windows(x * x) - mean_x**2, _windows(y * y) - mean_y**2
    covariance = _windows(x * y) - mean_x * mean_y
    likeness = (2 * mean_x * mean_y + C1) * (2 * covariance + C2)
    return float((likeness / ((mean_x**2 + mean_y**2 + C1) * (variance_x + variance_y + C2))).mean())


def _windows(image: np.ndarray) -> np.ndarray:
    """Weighted mean in every window that lies wholly inside."""
    margin = WINDOW // 2
    return cv2.GaussianBlur(image, (WINDOW, WINDOW), SIGMA)[margin:-margin, margin:-margin]
