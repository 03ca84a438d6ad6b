"""Optical flow between two frames.

Legend: H height, W width. A flow is float32 [H, W, 2] in pixels, `flow[y, x] = (dx, dy)` from the first
frame to the second.
"""

from functools import cache
from typing import Literal, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

Flow = NDArray[np.float32]
Quality = Literal["ultrafast", "fast", "medium"]
_PRESETS = {
    "ultrafast": cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST,
    "fast": cv2.DISOPTICAL_FLOW_PRESET_FAST,
    "medium": cv2.DISOPTICAL_FLOW_PRESET_MEDIUM,
}


class FlowEstimator(Protocol):
    def __call__(self, first_gray: NDArray[np.uint8], second_gray: NDArray[np.uint8]) -> Flow:
        """Flow from the first to the second frame, both uint8 [H, W]."""
        ...


class DisFlow:
    """Dense inverse search (Kroeger 2016) by OpenCV; needs sides of at least 16 pixels."""

    def __init__(self, quality: Quality = "medium") -> None:
        self._dis = cv2.DISOpticalFlow_create(_PRESETS[quality])

    def __call__(self, first_gray: NDArray[np.uint8], second_gray: NDArray[np.uint8]) -> Flow:
        return self._dis.calc(first_gray, second_gray, None)


def gray(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Luminance of an RGB frame, uint8 [H, W]."""
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)


@cache
def pixel_grid(height: int, width: int) -> NDArray[np.float32]:
    """`grid[y, x] = (x, y)`, [H, W, 2]."""
    return np.stack(np.meshgrid(np.arange(width), np.arange(height)), -1).astype(np.float32)


def resize_flow(flow: Flow, size: tuple[int, int]) -> Flow:
    """The same motion at another (width, height), vectors scaled with it."""
    ratio = np.array([size[0] / flow.shape[1], size[1] / flow.shape[0]], np.float32)
    return cv2.resize(flow * ratio, size, interpolation=cv2.INTER_LINEAR)
