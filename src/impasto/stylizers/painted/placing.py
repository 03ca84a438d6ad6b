"""Finding where one picture shows a part of another, by their edges: the two may be painted in different ways.

Legend: H height, W width.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from impasto.video.types import Picture

COARSE, FINE = 96, 384
"""Short sides, in pixels, of the larger picture, at which a place is looked for and then made exact."""
SCALES = np.geomspace(0.35, 2.5, 41)
"""Widths of the placed picture over that of the other."""
OVERLAP = 0.4
"""Share of the other picture that must be covered."""


@dataclass(frozen=True)
class Place:
    """Where a picture lies on another: its scale, and its left and upper edge, in pixels of that one."""

    scale: float
    left: float
    top: float


def edges(rgb: Picture) -> NDArray[np.float32]:
    """How strongly a picture changes at each pixel, [H, W]: soft, so that a painted edge need not lie quite there."""
    gray = cv2.GaussianBlur(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1.0)
    steps = cv2.magnitude(cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1))
    return cv2.GaussianBlur(np.sqrt(steps), (0, 0), 1.5)


def find_place(picture: Picture, other: Picture) -> Place:
    """The place at which the edges of a picture correlate best with those of another, where it covers enough of it.

    Only scaled and shifted, not turned. There is always a best one, good or not.
    """
    place = _best(picture, other, COARSE, SCALES * other.shape[1] / picture.shape[1])
    return _best(picture, other, FINE, place.scale * np.linspace(0.97, 1.03, 13), place)


def _best(picture: Picture, other: Picture, side: int, scales: Iterable[float], near: Place | None = None) -> Place:
    ratio = min(1.0, side / min(other.shape[:2]))
    size = max(1, round(other.shape[1] * ratio)), max(1, round(other.shape[0] * ratio))
    ground = edges(np.asarray(cv2.resize(other, size, interpolation=cv2.INTER_AREA), np.uint8))
    best, most = Place(1.0, 0, 0), -1.0
    for scale in scales:
        width, height = (max(8, round(length * scale * ratio)) for length in picture.shape[1::-1])
        shape = edges(np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8))
        # With a margin, so that the picture may reach over the edge by half of itself.
        margin = width // 2, height // 2
        wide = cv2.copyMakeBorder(
            ground, margin[1], margin[1], margin[0], margin[0], cv2.BORDER_CONSTANT, value=float(ground.mean())
        )
        if shape.shape[0] > wide.shape[0] or shape.shape[1] > wide.shape[1]:
            continue
        scores = cv2.matchTemplate(wide, shape, cv2.TM_CCOEFF_NORMED)
        rows, columns = (np.arange(count) - edge for count, edge in zip(scores.shape, margin[::-1], strict=True))
        covered = np.outer(_overlap(rows, height, size[1]), _overlap(columns, width, size[0]))
        scores[covered < OVERLAP] = -1
        if near is not None:
            reach = 1 + 2 * side / COARSE
            scores[np.abs(rows - near.top * ratio) > reach] = -1
            scores[:, np.abs(columns - near.left * ratio) > reach] = -1
        _, score, _, (column, row) = cv2.minMaxLoc(scores)
        if score > most:
            best, most = Place(float(scale), columns[column] / ratio, rows[row] / ratio), score
    return best


def _overlap(starts: NDArray[np.int_], length: int, whole: int) -> NDArray[np.float64]:
    """Share of 0 .. whole that intervals cover."""
    return (np.minimum(starts + length, whole) - np.maximum(starts, 0)).clip(min=0) / whole
