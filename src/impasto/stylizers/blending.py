"""What the user's knobs do to a repainted frame: strength, structure, the video's own colours.

Legend: H height, W width. Frames are float32 RGB [H, W, 3] in [0, 1].
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from impasto.guidance import Guidance

Frame = NDArray[Any]
LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def luma(frame: Frame) -> NDArray[np.float32]:
    """[H, W, 1]"""
    return (frame @ LUMA)[..., None]


def detail(frame: Frame) -> NDArray[np.float32]:
    """Edges and fine detail of the luma, [H, W, 1]: what a blur of a hundredth of the short side takes away."""
    y = luma(frame)
    return y - cv2.GaussianBlur(y, (0, 0), max(1.0, min(frame.shape[:2]) / 100))[..., None]


def blend(source: Frame, painted: Frame, guidance: Guidance) -> Frame:
    """The frame to show; the source itself at strength 0."""
    if guidance.structure:
        painted = painted + guidance.structure * (detail(source) - detail(painted))
    if guidance.preserve_color:
        # The luminance of the painting with the chroma of the source (Gatys 2016, "Preserving Color").
        painted = source + (luma(painted) - luma(source))
    if guidance.strength < 1:
        painted = source + guidance.strength * (painted - source)
    return painted
