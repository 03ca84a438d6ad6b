"""A flat thing in the world: where it is, how it moves and bends, and the exact maps between it and the frame."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from impasto.scenes.texture import Surface

NEAR = 0.05
"""Metres before the camera within which nothing is seen."""


class Pose(NamedTuple):
    """The plane point (u, v) lies at `origin` + u `along` + v `down` in the world, metres."""

    origin: np.ndarray
    along: np.ndarray
    down: np.ndarray


class Places(NamedTuple):
    """Where points of the frame meet a plane: its coordinates, the depth in metres, the size of a pixel on it."""

    u: np.ndarray
    v: np.ndarray
    depth: np.ndarray
    du: np.ndarray | float
    dv: np.ndarray | float


def upright(x: float, y: float, z: float, metres_per_unit: float) -> Pose:
    """A billboard that faces the camera's first direction; (x, y, z) is where the plane's (0, 0) stands."""
    return Pose(np.array([x, y, z]), np.array([metres_per_unit, 0, 0]), np.array([0, metres_per_unit, 0]))


@dataclass(frozen=True)
class Layer:
    name: str
    object_id: int
    """Layers that make up one thing share its id."""
    surface: Surface
    pose: Callable[[float], Pose]
    """Pose at a time in seconds."""
    bend: Callable[[np.ndarray, float], np.ndarray] | None = None
    """Shift along u of the rows v at a time, in units of u: swaying grass, a rippled reflection. Rows stay rows, so
    that the bend can be undone exactly."""
    reach: float = 0.0
    """The largest shift that `bend` ever makes."""

    def homography(self, t: float, camera_34: np.ndarray) -> np.ndarray:
        """[3, 3] from (u, v, 1) without the bend to pixels times depth."""
        origin, along, down = self.pose(t)
        return camera_34[:, :3] @ np.column_stack([along, down, origin]) + np.outer(camera_34[:, 3], [0, 0, 1])

    def look(self, t: float, camera_34: np.ndarray, x: np.ndarray, y: np.ndarray) -> Places | None:
        """The plane's points seen at pixels (x, y), both [N]; None where it is seen edge-on.

        Points behind the camera have a depth below NEAR. The result is as precise as the type of x.
        """
        forward = self.homography(t, camera_34)
        if np.linalg.cond(forward / np.abs(forward).max(0)) > 1e12:
            return None
        inverse = np.linalg.inv(forward)
        a, b, c = inverse.astype(x.dtype)
        nearness = c[0] * x + c[1] * y + c[2]
        depth = 1 / np.where(np.abs(nearness) < 1e-9, 1e-9, nearness)
        u, v = (a[0] * x + a[1] * y + a[2]) * depth, (b[0] * x + b[1] * y + b[2]) * depth
        if depth.max() < 1.1 * depth.min():  # nearly parallel to the picture: one scale everywhere
            z, at_u, at_v = depth[0], u[0], v[0]
        else:
            z, at_u, at_v = depth, u, v
        du, dv = (np.hypot(z * (r[0] - at * c[0]), z * (r[1] - at * c[1])) for r, at in ((a, at_u), (b, at_v)))
        if self.bend is not None:
            u = u - self.bend(v, t)
        return Places(u, v, depth, du, dv)

    def project(self, t: float, camera_34: np.ndarray, u: np.ndarray, v: np.ndarray) -> tuple[np.ndarray, ...]:
        """Pixels x, y and depth of the plane's points (u, v) at time `t`: the inverse of `look`."""
        if self.bend is not None:
            u = u + self.bend(v, t)
        h = self.homography(t, camera_34)
        depth = h[2, 0] * u + h[2, 1] * v + h[2, 2]
        safe = np.where(np.abs(depth) < 1e-9, 1e-9, depth)
        return (h[0, 0] * u + h[0, 1] * v + h[0, 2]) / safe, (h[1, 0] * u + h[1, 1] * v + h[1, 2]) / safe, depth

    def box(self, t: float, camera_34: np.ndarray, size: tuple[int, int]) -> tuple[slice, slice] | None:
        """The part of a frame (rows, columns) that the layer can touch; None for none."""
        h, w = size
        if self.surface.extent is None:
            return slice(0, h), slice(0, w)
        left, top, right, bottom = self.surface.extent
        corners = [(u, v) for u in (left - self.reach, right + self.reach) for v in (top, bottom)]
        u, v = np.array(corners).T
        x, y, depth = self.homography(t, camera_34) @ np.stack([u, v, np.ones_like(u)])
        if (depth < NEAR).all():
            return None
        if (depth < NEAR).any():
            return slice(0, h), slice(0, w)
        x, y = x / depth, y / depth
        rows = slice(max(int(y.min()) - 1, 0), min(int(y.max()) + 3, h))
        cols = slice(max(int(x.min()) - 1, 0), min(int(x.max()) + 3, w))
        return (rows, cols) if rows.start < rows.stop and cols.start < cols.stop else None
