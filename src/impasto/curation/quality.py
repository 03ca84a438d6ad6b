"""What is measured of a clip before anything is painted: is it dark, flat, blurred, still, or does it jump?

Legend: T frames, H height, W width. Frames are uint8 RGB.
"""

from itertools import pairwise

import cv2
import numpy as np

from impasto.evaluation.metrics.motion import top_magnitude
from impasto.motion.flow import DisFlow, gray
from impasto.motion.occlusion import consistent

MOMENTS = 3
PAIRS = 4
"""Of neighbouring frames, whose motion is looked at."""


def moments(count: int, wanted: int = MOMENTS) -> list[int]:
    """Numbers of so many of `count` frames, evenly spread from the first to the last."""
    return np.unique(np.linspace(0, count - 1, wanted).round().astype(int)).tolist()


def source_scores(frames_THW3: np.ndarray) -> dict[str, float]:
    """By the keys of `SOURCE_FILTERS`."""
    grays = [gray(frame) for frame in frames_THW3]
    seen = [grays[number] / np.float32(255) for number in moments(len(grays))]
    speeds, shares = [], []
    estimate = DisFlow("fast")
    pairs = list(pairwise(grays))
    for first, second in (pairs[number] for number in moments(len(pairs), PAIRS)):
        forward, backward = estimate(first, second), estimate(second, first)
        speeds.append(top_magnitude(forward) / min(first.shape))
        shares.append(float(consistent(forward, backward).mean()))
    return {
        "brightness": min(float(each.mean()) for each in seen),
        "contrast": min(float(each.std()) for each in seen),
        "sharpness": float(np.median([np.abs(cv2.Laplacian(each, cv2.CV_32F)).mean() for each in seen])),
        "motion": float(np.mean(speeds)),
        "tracked": float(np.mean(shares)),
    }


def fingerprint(frames_THW3: np.ndarray) -> int:
    """192 bits that stay nearly the same when a clip is encoded anew or resized: 64 of each of three moments.

    Each bit says whether one cell of a grid is lighter than its neighbour (difference hash).
    """
    bits = []
    for number in moments(len(frames_THW3)):
        small = cv2.resize(gray(frames_THW3[number]), (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
        bits.append((small[:, 1:] > small[:, :-1]).ravel())
    return int("".join("1" if bit else "0" for bit in np.concatenate(bits)), 2)
