"""Where the subjects of a scene stand, how large they are, and the way each takes."""

from dataclasses import replace

import numpy as np

from impasto.scenes.layer import Layer, Pose
from impasto.scenes.noise import mix
from impasto.scenes.world.catalogue import BACKDROPS, KINDS, Backdrop, Habitat, Kind
from impasto.scenes.world.colours import COLOURS, jitter
from impasto.scenes.world.description import Description, Subject
from impasto.scenes.world.motion import Actor, Course
from impasto.scenes.world.plane import moved
from impasto.scenes.world.scenery import GROUND, SHORE
from impasto.scenes.world.sheet import Sheet, Sitter
from impasto.scenes.world.stage import Stage

_PLACES = {"left": -0.25, "middle": 0.0, "right": 0.25}
_SIZES = {"small": 0.68, "": 1.0, "large": 1.35}
_ROOM = {1: 0.8, 2: 0.44, 3: 0.3}
"""Share of the picture's width that a subject has, by the number of subjects."""
_DEPTHS: dict[Habitat, tuple[float, float]] = {
    "ground": (6.8, 8.8), "air": (7.0, 12.0), "water": (SHORE + 0.9, SHORE + 2.8), "deep": (6.8, 9.0),
}  # fmt: skip
"""From where to where things stand, metres."""
_HEIGHTS: dict[Habitat, tuple[float, float]] = {"air": (0.26, 0.38), "deep": (0.35, 0.6)}
"""Where the middle of what hangs is, shares of the picture's height from the top."""


def fits(kind: Kind, count: int, subjects: int) -> bool:
    """Whether so many of a kind find room side by side, among so many subjects, and stay large enough to be seen."""
    return kind.tall * kind.wide * count < 2 * _ROOM[subjects]


def cast(stage: Stage, subject: Subject, object_id: int, description: Description, seconds: float) -> list[Actor]:
    """The single things of a subject, side by side."""
    kind, (h, w) = KINDS[subject.kind], stage.size
    room = _ROOM[len(description.subjects)] * w / subject.count
    pixels = min(kind.tall * min(h, 0.65 * w), 0.9 * room / kind.wide) * _SIZES[subject.size]
    pixels = min(pixels, 0.72 * h)
    # Milder than on the backdrop: in any light a colour must remain what the caption calls it.
    light = replace(stage.light, tint=mix(np.ones(3), stage.light.tint, 0.6))
    colour = np.clip(COLOURS[subject.colour] * jitter(stage.rng), 0, 1)
    actors = []
    for course in _courses(stage, subject, BACKDROPS[description.backdrop], pixels, seconds):
        sitter = Sitter(
            colour=colour,
            density=stage.density(course.z) * course.tall,
            edge=0.0035 * w / pixels,
            light=light,
            motion=subject.motion,
            rng=stage.rng,
            way=lambda t, course=course: course.gone(t) / course.tall,
            phase=course.phase,
        )
        parts = kind.draw(sitter)
        for part in parts:
            part.sheet.shade(light.tint)
        actors.append(Actor(object_id, course, parts))
    return actors


def _courses(stage: Stage, subject: Subject, backdrop: Backdrop, pixels: float, seconds: float) -> list[Course]:
    """The way of each of the things, which are so many pixels tall."""
    rng, kind, (h, w) = stage.rng, KINDS[subject.kind], stage.size
    habitat = backdrop.home(kind)
    z = rng.uniform(*_DEPTHS[habitat])
    tall = stage.metres(pixels, z)
    foot = stage.eye
    if habitat in _HEIGHTS:
        foot = stage.height(rng.uniform(*_HEIGHTS[habitat]), z) + 0.5 * tall
    middle = stage.metres((_PLACES[subject.where] + rng.uniform(-0.03, 0.03)) * w, z)
    across, upwards = rng.uniform(0.26, 0.42) * w, rng.uniform(0.2, 0.3) * h
    mirrored = bool(rng.random() < 0.5) and kind.family != "thing"
    return [
        Course(
            motion="still" if subject.motion == "turn" and not kind.turns_itself else subject.motion,
            x=middle + 1.12 * kind.wide * tall * (i - (subject.count - 1) / 2),
            y=foot + (rng.uniform(-0.3, 0.3) * tall if kind.flies and subject.count > 1 else 0.0),
            z=z + 0.15 * i,
            tall=tall,
            seconds=seconds,
            travel=stage.metres(upwards if subject.motion in ("up", "down") else across, z),
            faces_left={"left": True, "right": False}.get(subject.motion, mirrored),
            hangs=kind.flies,
            rolls=kind.rolls,
            phase=float(rng.uniform(0, 2 * np.pi)),
        )
        for i in range(subject.count)
    ]


def shadow(stage: Stage, course: Course, name: str, wide: float) -> Layer:
    """A soft dark patch on the ground under a thing; too faint to be an object."""
    half = 0.55 * wide * course.tall
    sheet = Sheet((-1.2 * half, -0.4 * half, 1.2 * half, 0.4 * half), stage.density(course.z) / 2, 0, stage.rng)
    down, along = sheet.metres()
    away = np.hypot(along / half, down / (0.3 * half))
    sheet.cover(0.4 * np.exp(-(away**4)).astype(np.float32), 0.15 * stage.light.air())

    def pose(t: float) -> Pose:
        (x, _) = moved(course.at(t), np.array([[0, -0.5]]))[0]
        return Pose(np.array([x, stage.eye - 0.004, course.z]), np.array([1.0, 0, 0]), np.array([0, 0, -1.0]))

    return sheet.layer(name, GROUND, pose)
