"""Drawing surfaces in metres: antialiased shapes with transparency, for textures made by code."""

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from impasto.scenes.layer import Layer, Pose, upright
from impasto.scenes.noise import Plane, Size, grid, mix
from impasto.scenes.texture import Texture

_SHIFT = 5
"""Binary digits after the point in the vertices that OpenCV draws."""
Points = Sequence[tuple[float, float]] | np.ndarray


class Canvas:
    """A transparent sheet from (left, top) to (right, bottom) metres, x right, y down, `density` texels a metre.

    What is drawn later covers what is there. Colours are RGB [3], or fields [H, W, 3] of the sheet's size.
    """

    def __init__(self, left: float, top: float, right: float, bottom: float, density: float) -> None:
        self.left, self.top, self.density = left, top, density
        self.size: Size = (max(round((bottom - top) * density), 2), max(round((right - left) * density), 2))
        self.rgb = np.zeros((*self.size, 3), np.float32)
        self.alpha = np.zeros(self.size, np.float32)

    def metres(self) -> tuple[Plane, Plane]:
        """(y, x) of each texel in metres."""
        y, x = grid(self.size)
        return (y + 0.5) / self.density + self.top, (x + 0.5) / self.density + self.left

    def polygon(self, points: Points, colour: np.ndarray, opacity: float = 1.0) -> None:
        """A filled polygon with corners (x, y) in metres."""
        at = self._texels(points)
        self._draw(at, 1, lambda m, p: cv2.fillPoly(m, [p], 255, cv2.LINE_AA, _SHIFT), colour, opacity)

    def line(self, points: Points, width: float, colour: np.ndarray, opacity: float = 1.0) -> None:
        """A line through points (x, y), `width` metres wide; thinner than a texel, it fades instead."""
        wide = width * self.density
        thick = max(round(wide), 1)
        at = self._texels(points)
        self._draw(
            at,
            thick + 1,
            lambda m, p: cv2.polylines(m, [p], False, 255, thick, cv2.LINE_AA, _SHIFT),
            colour,
            opacity * min(wide / thick, 1),
        )

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: np.ndarray, opacity: float = 1.0) -> None:
        turn = np.linspace(0, 2 * np.pi, max(int(6 * np.sqrt(max(rx, ry) * self.density)), 10), endpoint=False)
        self.polygon(np.stack([x + rx * np.cos(turn), y + ry * np.sin(turn)], 1), colour, opacity)

    def cover(self, mask: Plane, colour: np.ndarray) -> None:
        """The whole sheet where the mask [H, W] in [0, 1] says."""
        self._blend((slice(None), slice(None)), mask, colour)

    def shade(self, factor: np.ndarray) -> None:
        """Multiply all colours by a plane or a colour."""
        factor = np.asarray(factor, np.float32)
        self.rgb *= factor[..., None] if factor.ndim == 2 else factor

    def rgba(self) -> np.ndarray:
        return np.dstack([np.clip(self.rgb, 0, 1), self.alpha])

    def layer(
        self,
        name: str,
        object_id: int,
        at: tuple[float, float, float] | Callable[[float], Pose],
        bend: Callable[[np.ndarray, float], np.ndarray] | None = None,
        reach: float = 0.0,
    ) -> Layer:
        """The sheet set up in the world: upright with its (0, 0) at a point, or moving with a pose.

        A pose and a bend speak of metres on the sheet.
        """
        pose = at if callable(at) else _fixed(upright(*at, 1.0))
        d, left, top = self.density, self.left + 0.5 / self.density, self.top + 0.5 / self.density

        def texel_pose(t: float) -> Pose:
            origin, along, down = pose(t)
            return Pose(origin + left * along + top * down, along / d, down / d)

        texel_bend = None if bend is None else (lambda v, t: d * bend(v / d + top, t))
        return Layer(name, object_id, Texture(self.rgba()), texel_pose, texel_bend, reach * d)

    def _texels(self, points: Points) -> np.ndarray:
        return (np.asarray(points, np.float64) - (self.left, self.top)) * self.density - 0.5

    def _draw(self, at: np.ndarray, margin: int, draw: Callable, colour: np.ndarray, opacity: float) -> None:
        h, w = self.size
        x0, y0 = np.floor(at.min(0)).astype(int) - margin
        x1, y1 = np.ceil(at.max(0)).astype(int) + margin + 1
        x0, y0, x1, y1 = max(x0, 0), max(y0, 0), min(x1, w), min(y1, h)
        if x0 >= x1 or y0 >= y1:
            return
        mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
        draw(mask, np.round((at - (x0, y0)) * 2**_SHIFT).astype(np.int32))
        self._blend((slice(y0, y1), slice(x0, x1)), mask.astype(np.float32) * (opacity / 255), colour)

    def _blend(self, box: tuple[slice, slice], mask: Plane, colour: np.ndarray) -> None:
        field = colour[box] if np.ndim(colour) == 3 else np.asarray(colour, np.float32)
        below, rgb = self.alpha[box], self.rgb[box]
        total = mask + below * (1 - mask)
        share = np.divide(mask, total, out=np.zeros_like(mask), where=total > 1e-6)
        rgb[:] = mix(rgb, field, share)
        below[:] = total


def _fixed(pose: Pose) -> Callable[[float], Pose]:
    return lambda t: pose
