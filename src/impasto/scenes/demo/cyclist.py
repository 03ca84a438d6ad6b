"""A cyclist on the path: rigid pieces on joints, so that each piece's motion is exact."""

from collections.abc import Callable

import numpy as np

from impasto.scenes.canvas import Canvas
from impasto.scenes.demo.light import object_id, sunlit
from impasto.scenes.layer import Layer, Pose
from impasto.scenes.palettes import rgb

WHEEL = 0.35
"""Radius, metres."""
_HIP, _BRACKET, _SHOULDER, _GRIP = (np.array(p) for p in ((-0.16, -0.98), (-0.02, -0.30), (0.16, -1.46), (0.46, -1.02)))
_NEAR_SHOULDER, _NEAR_GRIP = _SHOULDER + np.array((0, 0.03)), _GRIP + np.array((0.02, 0.02))
_REAR, _FRONT = np.array((-0.47, -WHEEL)), np.array((0.58, -WHEEL))
_CRANK, _THIGH, _SHIN = 0.165, 0.44, 0.47
_GEAR = 2.4
"""Turns of the wheel for one of the pedals."""


def cyclist(density: Callable[[float], float], start: float, speed: float, y: float, z: float) -> list[Layer]:
    """Layers of a rider who passes from the left to the right, from back to front.

    Args:
        start: x at time 0, metres.
        speed: metres a second.
        y, z: where the wheels touch the ground.
    """
    rider = _Rider(density(z) * 1.15, start, speed, y, z)
    coat, trousers, far_trousers = sunlit(rgb("c8503f"), 0.8), sunlit(rgb("43537a"), 0.75), sunlit(rgb("35435f"), 0.5)
    skin, shoe = sunlit(rgb("e3a983"), 0.9), sunlit(rgb("5a3d31"), 0.6)
    return [
        *rider.leg(np.pi, far_trousers, shoe),
        rider.limb(_SHOULDER, _GRIP, 0.05, 0.04, sunlit(rgb("a23c30"), 0.5)),
        rider.wheel(_REAR),
        rider.wheel(_FRONT),
        rider.frame(),
        *rider.leg(0.0, trousers, shoe),
        rider.torso(coat, skin),
        rider.limb(_NEAR_SHOULDER, _NEAR_GRIP, 0.062, 0.042, coat * 1.06),
    ]


def rider_shadow(density: Callable[[float], float], start: float, speed: float, y: float, z: float) -> Layer:
    """The soft dark patch on the ground under the rider; not solid, so the ground's own truth holds."""
    sheet = Canvas(-1.2, -0.4, 1.6, 0.9, density(z) / 3)
    down, along = sheet.metres()
    away = np.hypot((along - 0.2 - 0.3 * down) / 1.0, (down - 0.2) / 0.42)
    sheet.cover(0.42 * np.exp(-(away**4)), rgb("2e2a40"))

    def pose(t: float) -> Pose:
        return Pose(np.array([start + speed * t, y - 0.004, z]), np.array([1.0, 0, 0]), np.array([0, 0.02, -1.0]))

    return sheet.layer("shore", object_id("shore"), pose)


class _Rider:
    def __init__(self, density: float, start: float, speed: float, y: float, z: float) -> None:
        self._density, self._start, self._speed, self._y, self._z = density, start, speed, y, z

    def _base(self, t: float) -> np.ndarray:
        """Where the middle of the wheels' footprint is."""
        return np.array([self._start + self._speed * t, self._y, self._z])

    def _turned(self, at: Callable[[float], np.ndarray], angle: Callable[[float], float]) -> Callable[[float], Pose]:
        """The pose of a piece whose origin lies at a point of the rider, turned clockwise by an angle."""

        def pose(t: float) -> Pose:
            c, s = np.cos(angle(t)), np.sin(angle(t))
            x, y = at(t)
            return Pose(self._base(t) + np.array((x, y, 0)), np.array([c, s, 0]), np.array([-s, c, 0]))

        return pose

    def _rigid(self, sheet: Canvas) -> Layer:
        return sheet.layer("cyclist", object_id("cyclist"), self._turned(lambda t: np.zeros(2), lambda t: 0.0))

    def wheel(self, hub: np.ndarray) -> Layer:
        sheet = Canvas(-0.4, -0.4, 0.4, 0.4, self._density)
        turn = np.linspace(0, 2 * np.pi, 60)
        for radius, width, colour in ((WHEEL - 0.015, 0.036, rgb("2b2a30")), (WHEEL - 0.045, 0.014, rgb("d9cbb8"))):
            sheet.line(np.stack([radius * np.cos(turn), radius * np.sin(turn)], 1), width, colour)
        for angle in np.arange(0, 2 * np.pi, np.pi / 7):
            sheet.line([(0, 0), (0.3 * np.cos(angle), 0.3 * np.sin(angle))], 0.006, rgb("c9bfae"), 0.9)
        sheet.ellipse(0, 0, 0.03, 0.03, rgb("4a4a50"))
        pose = self._turned(lambda t: hub, lambda t: self._speed * t / WHEEL)
        return sheet.layer("cyclist", object_id("cyclist"), pose)

    def frame(self) -> Layer:
        sheet = Canvas(-0.9, -1.2, 0.95, 0.02, self._density)
        paint, steel = sunlit(rgb("2f7f78"), 0.8), rgb("8d8a88")
        seat, head = np.array((-0.2, -0.86)), np.array((0.42, -0.88))
        tubes = [(_REAR, _BRACKET), (_BRACKET, seat), (seat, head), (_BRACKET, head), (seat, _REAR), (head, _FRONT)]
        for a, b in tubes:
            sheet.line([tuple(a), tuple(b)], 0.034, paint)
        sheet.line([tuple(head), (0.4, -1.0), (0.5, -1.05), tuple(_GRIP)], 0.026, steel)
        sheet.line([(-0.32, -0.9), (-0.06, -0.9)], 0.06, rgb("4b3326"))
        for hub in (_REAR, _FRONT):  # mudguards
            arc = np.linspace(-2.9, -0.6, 16)
            sheet.line(np.stack([hub[0] + 0.39 * np.cos(arc), hub[1] + 0.39 * np.sin(arc)], 1), 0.022, paint)
        sheet.polygon([(0.5, -0.95), (0.84, -0.95), (0.78, -0.7), (0.55, -0.7)], sunlit(rgb("b98a55"), 0.85))  # basket
        for y in (-0.9, -0.83, -0.76):
            sheet.line([(0.52, y), (0.81, y)], 0.012, rgb("7a5734"))
        flowers = ((0.56, -1.0, "f2c84a"), (0.64, -1.05, "e46a7c"), (0.72, -1.01, "fff1e0"), (0.79, -1.04, "c65fa0"))
        for x, y, tint in (*flowers, (0.68, -0.98, "f2a24a")):
            sheet.ellipse(x + 0.02, y + 0.04, 0.05, 0.05, sunlit(rgb("6d8344"), 0.6))
            sheet.ellipse(x, y, 0.045, 0.04, sunlit(rgb(tint), 1.0))
        sheet.line([(-0.75, -0.72), (-0.3, -0.74)], 0.025, steel)  # carrier with a lamp
        sheet.ellipse(-0.75, -0.71, 0.03, 0.035, rgb("e0402f"))
        return self._rigid(sheet)

    def torso(self, coat: np.ndarray, skin: np.ndarray) -> Layer:
        sheet = Canvas(-0.5, -1.95, 0.5, -0.8, self._density)
        back = [(-0.3, -0.84), (-0.29, -1.05), (-0.2, -1.3), (0.0, -1.52), (0.13, -1.56)]
        front = [(0.24, -1.46), (0.2, -1.25), (0.1, -1.05), (0.06, -0.86)]
        y, x = sheet.metres()
        fold = np.clip(1.08 - 0.75 * (x + 0.25) + 0.1 * np.sin(30 * (y + 0.6 * x)), 0.55, 1.25)
        sheet.polygon(back + front, coat * fold[..., None])
        sheet.polygon([(0.1, -1.5), (0.1, -1.62), (0.22, -1.62), (0.22, -1.5)], skin * 0.9)
        scarf = rgb("f0d9a8")
        sheet.polygon([(-0.02, -1.56), (0.1, -1.6), (0.26, -1.54), (0.24, -1.47), (0.05, -1.5)], sunlit(scarf, 1.0))
        tail = [(0.02, -1.57), (-0.15, -1.53), (-0.32, -1.4), (-0.36, -1.32), (-0.24, -1.4), (0.03, -1.5)]
        sheet.polygon(tail, sunlit(scarf, 0.8))
        sheet.ellipse(0.2, -1.72, 0.1, 0.12, skin)
        sheet.ellipse(0.13, -1.73, 0.09, 0.12, rgb("4a3128"))
        sheet.ellipse(0.26, -1.7, 0.055, 0.085, skin * 1.06)
        sheet.ellipse(0.17, -1.82, 0.13, 0.075, sunlit(rgb("ead2a0"), 1.0))  # straw hat
        sheet.ellipse(0.18, -1.79, 0.23, 0.026, sunlit(rgb("ead2a0"), 1.12))
        sheet.line([(0.05, -1.812), (0.3, -1.812)], 0.028, rgb("3e5f86"))
        return self._rigid(sheet)

    def limb(self, start: np.ndarray, end: np.ndarray, thick: float, thin: float, colour: np.ndarray) -> Layer:
        """A tapering piece fixed to the rider from one joint to the next."""
        length, angle = float(np.hypot(*(end - start))), float(np.arctan2(*(end - start)[::-1]))
        return self._piece(length, thick, thin, colour, lambda t: start, lambda t: angle)

    def leg(self, phase: float, colour: np.ndarray, shoe: np.ndarray) -> list[Layer]:
        def pedal(t: float) -> np.ndarray:
            a = self._speed * t / WHEEL / _GEAR + phase
            return _BRACKET + _CRANK * np.array([np.cos(a), np.sin(a)])

        def ankle(t: float) -> np.ndarray:
            return pedal(t) + np.array((-0.06, -0.09))

        def knee(t: float) -> np.ndarray:
            """Where a thigh and a shin of fixed lengths meet, bent forwards (law of cosines)."""
            reach = ankle(t) - _HIP
            far = float(np.hypot(*reach))
            bend = np.arccos(np.clip((_THIGH**2 + far**2 - _SHIN**2) / (2 * _THIGH * far), -1, 1))
            angle = np.arctan2(reach[1], reach[0]) - bend
            return _HIP + _THIGH * np.array([np.cos(angle), np.sin(angle)])

        def towards(a: Callable[[float], np.ndarray], b: Callable[[float], np.ndarray]) -> Callable[[float], float]:
            return lambda t: float(np.arctan2(*(b(t) - a(t))[::-1]))

        crank = self._piece(_CRANK, 0.016, 0.014, rgb("8d8a88"), lambda t: _BRACKET, towards(lambda t: _BRACKET, pedal))
        foot = Canvas(-0.08, -0.06, 0.22, 0.08, self._density)
        foot.polygon([(-0.06, -0.05), (0.04, -0.05), (0.17, 0.02), (0.19, 0.06), (-0.06, 0.06)], shoe)
        return [
            crank,
            self._piece(_THIGH, 0.095, 0.065, colour, lambda t: _HIP, towards(lambda t: _HIP, knee)),
            foot.layer("cyclist", object_id("cyclist"), self._turned(ankle, lambda t: 0.15)),
            self._piece(_SHIN, 0.066, 0.042, colour, knee, towards(knee, ankle)),
        ]

    def _piece(
        self,
        length: float,
        thick: float,
        thin: float,
        colour: np.ndarray,
        at: Callable[[float], np.ndarray],
        angle: Callable[[float], float],
    ) -> Layer:
        """A rounded rod along its own x, lit from above, `thick` and `thin` its half widths at the two ends."""
        sheet = Canvas(-1.2 * thick, -1.2 * thick, length + 1.2 * thick, 1.2 * thick, self._density)
        y, _ = sheet.metres()
        shaded = colour * np.clip(0.95 - 0.3 * y / thick, 0.6, 1.3)[..., None]
        sheet.ellipse(0, 0, thick, thick, shaded)
        sheet.ellipse(length, 0, thin, thin, shaded)
        sheet.polygon([(0, -thick), (length, -thin), (length, thin), (0, thick)], shaded)
        return sheet.layer("cyclist", object_id("cyclist"), self._turned(at, angle))
