"""A pinhole camera that moves.

World: x right, y down, z forwards, metres. Pixels: (x, y), the centre of the first pixel at (0, 0).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Vector = tuple[float, float, float]


def still(_: float) -> Vector:
    """The path, or the turn, of a camera that stays at the origin and looks along z."""
    return (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Camera:
    focal: float = 1.1
    """Focal length in picture widths."""
    horizon: float = 0.5
    """Where the horizon of a level camera lies, as a share of the height (a lens shift: verticals stay vertical)."""
    path: Callable[[float], Vector] = still
    """Position in metres at a time in seconds."""
    turn: Callable[[float], Vector] = still
    """Yaw (to the right), pitch (upwards) and roll (clockwise) in radians at a time in seconds."""

    def matrix(self, t: float, size: tuple[int, int]) -> np.ndarray:
        """Projection [3, 4] at time `t` for frames of `size` (height, width): world to pixels times depth."""
        h, w = size
        intrinsic = np.array([[self.focal * w, 0, (w - 1) / 2], [0, self.focal * w, self.horizon * h - 0.5], [0, 0, 1]])
        yaw, pitch, roll = self.turn(t)
        # Turning the camera turns the world the other way.
        (sy, cy), (sp, cp), (sr, cr) = ((np.sin(a), np.cos(a)) for a in (yaw, pitch, roll))
        about_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
        about_x = np.array([[1, 0, 0], [0, cp, sp], [0, -sp, cp]])
        about_z = np.array([[cr, sr, 0], [-sr, cr, 0], [0, 0, 1]])
        rotation = about_z @ about_x @ about_y
        return intrinsic @ np.column_stack([rotation, -rotation @ np.array(self.path(t))])


def glide(start: Vector, end: Vector, seconds: float, ease: float = 0.5) -> Callable[[float], Vector]:
    """A path from `start` to `end` that takes `seconds`; `ease` in [0, 1] is how softly it sets off and arrives."""

    def at(t: float) -> Vector:
        share = t / seconds
        inside = min(max(share, 0.0), 1.0)
        share = (1 - ease) * share + ease * inside * inside * (3 - 2 * inside)
        x, y, z = (a + (b - a) * share for a, b in zip(start, end, strict=True))
        return (x, y, z)

    return at
