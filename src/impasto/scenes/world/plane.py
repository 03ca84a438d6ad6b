"""Affine maps of the plane, [2, 3]: how a part lies on its thing, and a thing on its plane in the world."""

import numpy as np

Affine = np.ndarray


def affine(
    x: float = 0.0, y: float = 0.0, angle: float = 0.0, wide: float = 1.0, tall: float = 1.0, lean: float = 0.0
) -> Affine:
    """Scales by (wide, tall), leans to the right by `lean` for each unit upwards, turns clockwise, moves to (x, y)."""
    c, s = np.cos(angle), np.sin(angle)
    turned = np.array([[c, -s], [s, c]]) @ np.array([[wide, -lean * tall], [0, tall]])
    return np.column_stack([turned, (x, y)])


def fixed(_: float) -> Affine:
    return affine()


def after(outer: Affine, inner: Affine) -> Affine:
    """First `inner`, then `outer`."""
    return np.column_stack([outer[:, :2] @ inner[:, :2], outer[:, :2] @ inner[:, 2] + outer[:, 2]])


def moved(by: Affine, points_N2: np.ndarray) -> np.ndarray:
    """The points under the map."""
    return points_N2 @ by[:, :2].T + by[:, 2]
