"""How a thing moves through the scene: where it is on its upright plane at a time, exactly."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from impasto.scenes.layer import Layer, Pose
from impasto.scenes.world.description import Motion
from impasto.scenes.world.plane import Affine, affine, after, moved
from impasto.scenes.world.sheet import Part

_GROWTH = 1.8
"""How many times as tall it is after growing, or before shrinking."""


@dataclass(frozen=True)
class Course:
    """The way of one thing; all lengths in metres, x and y in the plane at depth z."""

    motion: Motion
    x: float
    y: float
    """Where it stands in the middle of the clip."""
    z: float
    tall: float
    seconds: float
    travel: float
    """How far it goes during the clip."""
    faces_left: bool = False
    hangs: bool = False
    """It turns, grows and sways about its centre, not its foot."""
    rolls: float = 0.0
    """Radius in which it rolls while it goes, shares of its height; 0 = it does not."""
    phase: float = 0.0
    """Where in its swing it begins, radians."""

    def gone(self, t: float) -> float:
        """Metres that it has gone forwards since the middle of the clip."""
        return self.travel * (t / self.seconds - 0.5) if self.motion in ("left", "right", "up", "down") else 0.0

    def at(self, t: float) -> Affine:
        """From the thing's own units to x and y in metres."""
        share, quick = t / self.seconds, max(1.0, 1.5 / self.seconds)
        x, y, angle, lean, grown = self.x, self.y, 0.0, 0.0, 1.0
        match self.motion:
            case "left":
                x -= self.gone(t)
            case "right":
                x += self.gone(t)
            case "up":
                y -= self.gone(t)
            case "down":
                y += self.gone(t)
            case "bounce":
                y -= (0.15 * self.tall + 0.2) * abs(np.sin(np.pi * quick * t + self.phase))
            case "turn":
                angle = np.pi * (1.3 * share + 0.1)
            case "grow":
                grown = _GROWTH ** (share - 0.5)
            case "shrink":
                grown = _GROWTH ** (0.5 - share)
            case "sway":
                lean = 0.16 * np.sin(np.pi * quick * t + self.phase)
        if self.rolls and self.motion in ("left", "right"):
            angle = self.gone(t) / self.tall / self.rolls
        facing = -1 if self.faces_left else 1
        # About the foot, or about the centre where it hangs, turns or rolls.
        pivot = 0.5 if self.hangs or angle else 0.0
        size = self.tall * grown
        centred = after(affine(wide=facing * size, tall=size, angle=facing * angle, lean=lean), affine(0, pivot))
        return after(affine(x, y - pivot * self.tall), centred)


_OTHER = {"left": "right", "right": "left"}


class Actor(NamedTuple):
    """A thing on its course, made up of parts."""

    object_id: int
    course: Course
    parts: list[Part]

    def layers(self, name: str) -> list[Layer]:
        """From back to front."""
        return [part.sheet.layer(name, self.object_id, self._pose(part)) for part in self.parts]

    def joints(self, t: float) -> dict[str, np.ndarray]:
        """The places [3] of a figure's joints in the world, metres; right and left are its own."""
        places = {}
        for part in self.parts:
            on_plane = after(self.course.at(t), part.frame(t))
            for name, at in part.joints.items():
                places[self._own_side(name)] = np.array([*moved(on_plane, np.array([at]))[0], self.course.z])
        return places

    def _own_side(self, name: str) -> str:
        """What is drawn as the right of a figure is its left when it is mirrored."""
        side, _, joint = name.partition(" ")
        return f"{_OTHER[side]} {joint}" if self.course.faces_left and side in _OTHER else name

    def _pose(self, part: Part) -> Callable[[float], Pose]:
        def pose(t: float) -> Pose:
            on_plane = after(self.course.at(t), part.frame(t))
            along, down, (x, y) = on_plane.T
            return Pose(np.array([x, y, self.course.z]), np.array([*along, 0.0]), np.array([*down, 0.0]))

        return pose
