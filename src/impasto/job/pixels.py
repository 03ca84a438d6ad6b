"""From the bytes of the video edge to the floats that stylizers see, and back."""

import numpy as np
from numpy.typing import NDArray

from impasto.stylizers.base import FrameArray

BYTES_PER_PIXEL = 3
FLOAT_BYTES_PER_PIXEL = 12


def to_float(rgb: NDArray[np.uint8]) -> FrameArray:
    """uint8 -> float32 in [0, 1]."""
    return np.multiply(rgb, np.float32(1 / 255), dtype=np.float32)


def to_bytes(rgb: FrameArray) -> NDArray[np.uint8]:
    """float32 in [0, 1] -> uint8, rounded; the inverse of `to_float`, and what is outside is clipped."""
    scaled = np.multiply(rgb, np.float32(255), dtype=np.float32)
    scaled += np.float32(0.5)
    return np.clip(scaled, 0, 255, out=scaled).astype(np.uint8)
