"""A described scene, built: layers under a camera, and what is where."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from impasto.errors import UnsupportedOption
from impasto.scenes.layer import NEAR
from impasto.scenes.scene import Scene, Time
from impasto.scenes.world.backdrops import PAINTERS
from impasto.scenes.world.captions import phrase
from impasto.scenes.world.casting import cast, shadow
from impasto.scenes.world.catalogue import BACKDROPS, KINDS
from impasto.scenes.world.colours import COLOURS, LIGHTS, jitter
from impasto.scenes.world.description import Description
from impasto.scenes.world.motion import Actor
from impasto.scenes.world.people import JOINTS
from impasto.scenes.world.scenery import GROUND
from impasto.scenes.world.stage import Stage

FIRST_SUBJECT = 100
"""Object id of the first subject; the others follow. Lower ids belong to the backdrop."""


class FigurePose(NamedTuple):
    """The joints of a figure, in the order of `people.JOINTS`."""

    object_id: int
    joints: np.ndarray
    """[J, 2], (x, y) in pixels."""
    visible: np.ndarray
    """bool [J]: inside the frame, and the object seen there is its own; a limb of the figure may lie before it."""


@dataclass(frozen=True)
class World(Scene):
    """A scene that knows what it shows."""

    description: Description
    phrases: Mapping[int, str]
    """What each object is, in words, by its id: for `Rendered.objects`."""
    actors: tuple[Actor, ...]
    """The single things, from back to front."""

    def pose(self, t: Time) -> tuple[FigurePose, ...]:
        """The joints of all people at a time."""
        return tuple(self._joints(actor, float(t)) for actor in self.actors if any(part.joints for part in actor.parts))

    def _joints(self, actor: Actor, t: float) -> FigurePose:
        places = actor.joints(t)
        world_J3 = np.stack([places[name] for name in JOINTS])
        camera = self.camera.matrix(t, self.size)
        x, y, depth = camera @ np.column_stack([world_J3, np.ones(len(JOINTS))]).T
        x, y = x / depth, y / depth
        front = np.full(len(JOINTS), -1)
        for layer in reversed(self.layers):
            seen = layer.look(t, camera, x, y)
            if seen is not None:
                opaque = (seen.depth > NEAR) & (layer.surface.alpha(seen.u, seen.v, seen.du, seen.dv) > 0.5)
                front[(front < 0) & opaque] = layer.object_id
        h, w = self.size
        inside = (depth > NEAR) & (x >= 0) & (x <= w - 1) & (y >= 0) & (y <= h - 1)
        visible = inside & (front == actor.object_id)
        return FigurePose(actor.object_id, np.stack([x, y], 1), visible)


def build(
    description: Description,
    seed: int,
    size: tuple[int, int],
    seconds: Fraction | int = 2,
    fps: Fraction | int = 8,
) -> World:
    """The scene that a description tells of; the seed chooses all that it leaves open.

    Args:
        size: (height, width) of the frames in pixels, at least 32 each.

    Raises:
        UnsupportedOption: the size is too small, the clip has no frame, or the description names what does not exist.
    """
    _check(description, size, Fraction(seconds), Fraction(fps))
    rng = np.random.default_rng([seed, 1])
    light = LIGHTS[description.light]
    # No two days have quite the same light.
    air = replace(light, tint=light.tint * jitter(rng), sky=light.sky * jitter(rng))
    stage = Stage(size, air, rng, rng.uniform(0.34, 0.46), rng.uniform(0.81, 0.87))
    layers = list(PAINTERS[description.backdrop](stage))
    phrases = {layer.object_id: layer.name for layer in reversed(layers)}
    actors = []
    for i, subject in enumerate(description.subjects):
        phrases[FIRST_SUBJECT + i] = phrase(subject)
        actors += cast(stage, subject, FIRST_SUBJECT + i, description, float(seconds))
    actors.sort(key=lambda actor: -actor.course.z)
    ground = next(layer for layer in layers if layer.object_id == GROUND)
    for actor in actors:
        subject = description.subjects[actor.object_id - FIRST_SUBJECT]
        if "ground" in KINDS[subject.kind].habitats:
            layers.append(shadow(stage, actor.course, ground.name, KINDS[subject.kind].wide))
        layers += actor.layers(subject.kind)
    camera = stage.camera(description.camera, float(seconds))
    return World(size, Fraction(seconds), Fraction(fps), camera, tuple(layers), description, phrases, tuple(actors))


def _check(description: Description, size: tuple[int, int], seconds: Fraction, fps: Fraction) -> None:
    if min(size) < 32 or seconds * fps < 1:
        raise UnsupportedOption(
            f"A scene of {size[1]}x{size[0]} pixels, {seconds} s at {fps} frames a second cannot be made; "
            "give 32 pixels or more a side, and time for a frame."
        )
    named = [("backdrop", description.backdrop, BACKDROPS), ("light", description.light, LIGHTS)]
    for subject in description.subjects:
        named += [("kind", subject.kind, KINDS), ("colour", subject.colour, COLOURS)]
    for what, name, known in named:
        if name not in known:
            raise UnsupportedOption(f"No {what} is called {name!r}; choose one of {', '.join(known)}.")
