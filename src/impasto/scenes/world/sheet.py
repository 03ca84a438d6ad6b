"""What the things of the world are drawn with: shaded, outlined shapes, and the parts that drawings are made of.

A thing is drawn in units of its own: it stands at (0, 0), faces right, and its height is about 1; x right, y down.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from impasto.scenes.canvas import Canvas, Points
from impasto.scenes.noise import fractal
from impasto.scenes.world.colours import Light
from impasto.scenes.world.plane import Affine, affine, fixed

Colour = np.ndarray
"""RGB [3] in [0, 1]."""


class Sheet(Canvas):
    """A canvas whose shapes are lit from the upper left, faintly grained, and have an outline `edge` wide."""

    def __init__(
        self, box: tuple[float, float, float, float], density: float, edge: float, rng: np.random.Generator
    ) -> None:
        super().__init__(*box, density)
        self.edge = edge
        self._y, self._x = self.metres()
        self._field = np.empty((*self.size, 3), np.float32)
        self._grain = 1 + 0.03 * fractal(rng, self.size, max(0.12 * min(self.size), 2), 3, 0.8)

    def shape(self, points: Points, colour: Colour, edge: float = 1.0) -> None:
        """A polygon; `edge` times the usual outline."""
        at = np.asarray(points, np.float64)
        if edge:
            self.line(np.vstack([at, at[:1]]), 2 * edge * self.edge, 0.42 * colour)
        self.polygon(at, self._lit(at, colour))

    def oval(
        self, x: float, y: float, rx: float, ry: float, colour: Colour, turn: float = 0.0, edge: float = 1.0
    ) -> None:
        """An ellipse turned clockwise by `turn` radians."""
        angle = np.linspace(0, 2 * np.pi, 36, endpoint=False)
        c, s = np.cos(turn), np.sin(turn)
        along, across = rx * np.cos(angle), ry * np.sin(angle)
        self.shape(np.stack([x + c * along - s * across, y + s * along + c * across], 1), colour, edge)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour, edge: float = 1.0) -> None:
        self.shape([(left, top), (right, top), (right, bottom), (left, bottom)], colour, edge)

    def stroke(self, points: Points, width: float, colour: Colour) -> None:
        """A line with round ends and an outline."""
        self.line(points, width + 2 * self.edge, 0.42 * colour)
        self.line(points, width, colour)

    def eye(self, x: float, y: float, size: float) -> None:
        self.ellipse(x, y, size, size, np.full(3, 0.08))
        self.ellipse(x + 0.3 * size, y - 0.35 * size, 0.35 * size, 0.35 * size, np.ones(3))

    def _lit(self, points: np.ndarray, colour: Colour) -> np.ndarray:
        """The colour [H, W, 3], lighter at the upper left of the points than elsewhere; valid where they span only."""
        low, high = points.min(0), points.max(0)
        first = np.maximum(np.floor((low - (self.left, self.top)) * self.density).astype(int) - 2, 0)
        last = np.ceil((high - (self.left, self.top)) * self.density).astype(int) + 3
        here = slice(first[1], max(last[1], 0)), slice(first[0], max(last[0], 0))
        wide, tall = np.maximum(high - low, 1e-6)
        x, y = (self._x[here] - low[0]) / wide, (self._y[here] - low[1]) / tall
        light = np.clip((1.16 - 0.13 * x - 0.25 * y) * self._grain[here], 0.6, 1.3)
        self._field[here] = light[..., None] * np.asarray(colour, np.float32)
        return self._field


@dataclass(frozen=True)
class Part:
    """A sheet, and where it lies on the thing at a time in seconds."""

    sheet: Canvas
    frame: Callable[[float], Affine] = fixed
    joints: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Where on the sheet the joints of a figure are."""


def hinged(sheet: Canvas, x: float, y: float, angle: Callable[[float], float]) -> Part:
    """A part whose (0, 0) hangs at a point of the thing, turned clockwise by an angle in radians."""
    return Part(sheet, lambda t: affine(x, y, angle(t)))


@dataclass(frozen=True)
class Sitter:
    """What a drawing has to know about its subject."""

    colour: Colour
    density: float
    """Texels for each unit of the thing."""
    edge: float
    """Width of the outlines, units of the thing."""
    light: Light
    motion: str
    rng: np.random.Generator
    way: Callable[[float], float]
    """Units of the thing that it has gone forwards at a time in seconds."""
    phase: float = field(default=0.0)
    """Where in its swing it begins, radians."""

    def sheet(self, left: float, top: float, right: float, bottom: float) -> Sheet:
        return Sheet((left, top, right, bottom), self.density, self.edge, self.rng)

    def glow(self, colour: Colour) -> Colour:
        """A colour that shines by itself: it looks the same in every light."""
        return colour / self.light.tint

    def swing(self, rate: float, reach: float) -> Callable[[float], float]:
        """An angle that goes to and fro `rate` times a second."""
        return lambda t: reach * np.sin(2 * np.pi * rate * t + self.phase)

    def stride(self, cycle: float, reach: float, delay: float = 0.0) -> Callable[[float], float]:
        """The angle of a limb that swings once for `cycle` units of the way; it hangs where the thing stands still."""
        if self.motion not in ("left", "right"):
            return lambda t: 0.0
        return lambda t: reach * np.sin(2 * np.pi * self.way(t) / cycle + self.phase + delay)


def rounded(points: Sequence[tuple[float, float]] | np.ndarray, rounds: int = 3) -> np.ndarray:
    """The closed outline with its corners cut off again and again, a smooth curve in the end (Chaikin 1974)."""
    at = np.asarray(points, np.float64)
    for _ in range(rounds):
        after = np.roll(at, -1, 0)
        at = np.stack([0.75 * at + 0.25 * after, 0.25 * at + 0.75 * after], 1).reshape(-1, 2)
    return at
