"""What a plane looks like, sampled without aliasing at any scale."""

from functools import cached_property
from typing import Protocol

import cv2
import numpy as np

_LEVELS = 6


class Surface(Protocol):
    """Anything that has a colour at each place of a plane."""

    @property
    def extent(self) -> tuple[float, float, float, float] | None:
        """(left, top, right, bottom) outside of which it is empty, in its own coordinates; None = endless."""
        ...

    def sample(self, u: np.ndarray, v: np.ndarray, du: np.ndarray | float, dv: np.ndarray | float) -> np.ndarray:
        """RGBA [N, 4], colour times alpha, at places (u, v) [N], each the mean over about (du, dv)."""
        ...

    def alpha(self, u: np.ndarray, v: np.ndarray, du: np.ndarray | float, dv: np.ndarray | float) -> np.ndarray:
        """The last channel alone [N]."""
        ...


class Texture:
    """A picture with transparency, kept at halving sizes so that distant views neither alias nor shimmer.

    `rgba_HW4` is float32 in [0, 1], its colour not yet multiplied by alpha. Coordinates are its pixels, the centre of
    the first at (0, 0).
    """

    def __init__(self, rgba_HW4: np.ndarray) -> None:
        h, w = rgba_HW4.shape[:2]
        self.size = (h, w)
        step = 2 ** (_LEVELS - 1)
        # Halving must keep the places exactly, so the sides are multiples of the coarsest pixel.
        padded = cv2.copyMakeBorder(rgba_HW4, 0, -h % step, 0, -w % step, cv2.BORDER_REPLICATE).astype(np.float32)
        padded[h:, :, 3] = padded[:, w:, 3] = 0
        padded[..., :3] *= padded[..., 3:]
        self._base = padded

    @property
    def extent(self) -> tuple[float, float, float, float]:
        return (-0.5, -0.5, self.size[1] - 0.5, self.size[0] - 0.5)

    def straight(self) -> np.ndarray:
        """The picture again as RGBA [H, W, 4] with its own colours, for surfaces made from others."""
        rgba = self._base[: self.size[0], : self.size[1]].copy()
        rgba[..., :3] /= np.maximum(rgba[..., 3:], 1e-4)
        return rgba

    @cached_property
    def _pyramid(self) -> list[np.ndarray]:
        levels = [self._base]
        for _ in range(_LEVELS - 1):
            levels.append(cv2.resize(levels[-1], None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
        return levels

    @cached_property
    def _alphas(self) -> list[np.ndarray]:
        return [np.ascontiguousarray(level[..., 3]) for level in self._pyramid]

    def sample(self, u: np.ndarray, v: np.ndarray, du: np.ndarray | float, dv: np.ndarray | float) -> np.ndarray:
        return _blended(self._pyramid, u, v, du, dv)

    def alpha(self, u: np.ndarray, v: np.ndarray, du: np.ndarray | float, dv: np.ndarray | float) -> np.ndarray:
        return _blended(self._alphas, u, v, du, dv)


def _blended(
    pyramid: list[np.ndarray], u: np.ndarray, v: np.ndarray, du: np.ndarray | float, dv: np.ndarray | float
) -> np.ndarray:
    """Values [N] or [N, C] at places (u, v) [N], mixed from the two levels nearest to the size of a sample."""
    level = np.clip(np.log2(np.maximum(np.maximum(du, dv), 1e-6)), 0, _LEVELS - 1)
    low, high = int(np.floor(np.min(level))), int(np.ceil(np.max(level)))
    total = None
    for i in range(low, high + 1):
        share = np.clip(1 - np.abs(level - i), 0, 1).astype(np.float32)
        part = _taken(pyramid[i], (u + 0.5) / 2**i - 0.5, (v + 0.5) / 2**i - 0.5)
        part *= share[:, None] if share.ndim and part.ndim == 2 else share
        total = part if total is None else total + part
    assert total is not None  # low <= high
    return total


def _taken(image: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The image's values [N] or [N, C] at places (u, v) [N], between pixels linearly, nothing outside."""
    row = 4096  # OpenCV's maps are pictures of limited sides: fold the list into rows
    maps = [np.pad(c.astype(np.float32), (0, -len(c) % row)).reshape(-1, row) for c in (u, v)]
    found = cv2.remap(image, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return found.reshape(-1, *image.shape[2:])[: len(u)]
