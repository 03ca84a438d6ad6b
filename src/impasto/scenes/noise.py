"""Procedural noise and the few sampling helpers that textures and styles share.

Legend: H height, W width. A plane is float32 [H, W]; a picture is float32 RGB [H, W, 3] in [0, 1].
"""

from math import ceil

import cv2
import numpy as np

Plane = np.ndarray
Picture = np.ndarray
Size = tuple[int, int]
"""(height, width) in pixels, as `array.shape[:2]`."""


def white(rng: np.random.Generator, size: Size) -> Plane:
    """Independent normal values, mean 0, deviation 1."""
    return rng.standard_normal(size, dtype=np.float32)


def fractal(rng: np.random.Generator, size: Size, cell: float, octaves: int = 4, gain: float = 0.55) -> Plane:
    """Cloudy noise, mean 0 and deviation 1, whose largest blobs are about `cell` pixels wide.

    Each further octave is half as wide and `gain` as strong; octaves below a pixel are left out.
    """
    return stretched(rng, size, (cell, cell), octaves, gain)


def stretched(
    rng: np.random.Generator, size: Size, cell_yx: tuple[float, float], octaves: int = 4, gain: float = 0.55
) -> Plane:
    """`fractal` with blobs of a different height and width, in pixels: wood grain, ripples, fibres."""
    h, w = size
    total = np.zeros(size, np.float32)
    for octave in range(octaves):
        cy, cx = (max(c / 2**octave, 1.0) for c in cell_yx)
        coarse = white(rng, (ceil(h / cy) + 3, ceil(w / cx) + 3))
        enlarged = (ceil(coarse.shape[1] * cx), ceil(coarse.shape[0] * cy))
        fine = cv2.resize(coarse, enlarged, interpolation=cv2.INTER_CUBIC)
        top, left = int(cy), int(cx)  # the rim of an enlarged grid is flat
        total += gain**octave * fine[top : top + h, left : left + w]
        if max(cy, cx) <= 1:
            break
    total -= total.mean()
    return total / (total.std() + 1e-6)


def grid(size: Size) -> tuple[Plane, Plane]:
    """Pixel coordinates (y, x), each [H, W]."""
    y, x = np.mgrid[: size[0], : size[1]].astype(np.float32)
    return y, x


def displaced(image: np.ndarray, dy: Plane, dx: Plane, border: int = cv2.BORDER_REFLECT) -> np.ndarray:
    """The image sampled at each pixel's own place plus (dy, dx) pixels."""
    y, x = grid(image.shape[:2])
    return cv2.remap(image, x + dx.astype(np.float32), y + dy.astype(np.float32), cv2.INTER_LINEAR, borderMode=border)


def blur(image: np.ndarray, sigma: float) -> np.ndarray:
    """Gaussian blur; `sigma` in pixels, no blur below 0.2."""
    return cv2.GaussianBlur(image, (0, 0), sigma, borderType=cv2.BORDER_REFLECT) if sigma >= 0.2 else image


def smoothstep(low: float, high: float, x: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, a soft S between."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return (t * t * (3 - 2 * t)).astype(np.float32)


def mix(a: np.ndarray, b: np.ndarray, share_of_b: np.ndarray | float) -> np.ndarray:
    """a where the share is 0, b where it is 1; a plane's share applies to all channels of a picture."""
    if isinstance(share_of_b, np.ndarray) and share_of_b.ndim == 2 and max(np.ndim(a), np.ndim(b)) != 2:
        share_of_b = share_of_b[..., None]
    return a + (b - a) * share_of_b


def lit(height: Plane, strength: float) -> Plane:
    """Light on a bumpy surface from the upper left: a factor about 1 [H, W]; `height` in texels."""
    slope = np.gradient(blur(height, 0.7))
    return 1 + strength * np.tanh(slope[1] + 0.6 * slope[0])
