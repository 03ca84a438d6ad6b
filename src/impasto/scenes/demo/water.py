"""The harbour's water: one endless rippled plane, and the mirror images that stand in it."""

from dataclasses import replace

import numpy as np

from impasto.scenes.demo.light import HAZE, SUN_X, object_id
from impasto.scenes.layer import Layer, Pose
from impasto.scenes.noise import mix, smoothstep, stretched
from impasto.scenes.palettes import ramp, rgb
from impasto.scenes.texture import Texture

_NEAR_TO_FAR = np.stack([rgb(c) for c in ("3b6579", "55808f", "7f9ca3", "afaeac", "dcbfa6", "efcba5")])


class Ripples:
    """Colour of the water at places (x, z) in metres: sums of waves, each faded out where it is too small to see.

    A procedure instead of a picture: the plane reaches the horizon, where no picture's texels would suffice.
    """

    extent = None

    def __init__(self, rng: np.random.Generator, waves: int = 34) -> None:
        length = np.geomspace(0.3, 14, waves) * rng.uniform(0.9, 1.1, waves)
        # Crests lie mostly across the view, as wind from the sea drives them.
        heading = rng.normal(np.pi / 2, 0.55, waves)
        self._k = (2 * np.pi / length * np.stack([np.cos(heading), np.sin(heading)])).astype(np.float32)
        self._slope = (0.13 * rng.uniform(0.6, 1.2, waves) * (length / 3) ** -0.2).astype(np.float32)
        self._phase = rng.uniform(0, 2 * np.pi, waves).astype(np.float32)

    def sample(self, u: np.ndarray, v: np.ndarray, du: np.ndarray | float, dv: np.ndarray | float) -> np.ndarray:
        u, v, du, dv = (np.broadcast_to(np.asarray(a, np.float32), u.shape) for a in (u, v, du, dv))
        tilt = np.zeros(u.shape, np.float32)
        for kx, kz, slope, phase in zip(*self._k, self._slope, self._phase, strict=True):
            seen = np.exp(-0.17 * ((kx * du) ** 2 + (kz * dv) ** 2))
            near = seen > 0.02
            if near.any():
                tilt[near] += (slope * seen[near]) * np.cos(kx * u[near] + kz * v[near] + phase)
        far = np.log(np.clip(v, 15, 1500) / 15) / np.log(100)
        # A wave that leans towards the viewer mirrors the higher, bluer sky.
        base = ramp(_NEAR_TO_FAR, np.clip(1.2 * far + 0.1 + 0.4 * tilt, 0, 1))
        lane = (u / np.maximum(v, 1) - SUN_X) / (0.035 + 0.9 / np.maximum(v, 20))
        sun = np.exp(-(lane**2)) * smoothstep(25, 70, v)
        glint = smoothstep(0.28, 0.75, tilt + 0.55 * sun * far + 0.1)
        colour = mix(base, rgb("fff0c8"), np.clip(sun * (0.15 + 0.85 * glint), 0, 1)[:, None])
        colour = mix(colour, HAZE, 0.55 * smoothstep(500, 1500, v)[:, None])
        return np.column_stack([colour, np.ones(len(u))]).astype(np.float32)

    def alpha(self, u: np.ndarray, v: np.ndarray, du: np.ndarray | float, dv: np.ndarray | float) -> np.ndarray:
        return np.ones(len(u), np.float32)


def water(rng: np.random.Generator) -> Layer:
    """The surface at y = 0; the ripples drift to the left as one."""

    def pose(t: float) -> Pose:
        return Pose(np.array([-0.35 * t, 0.0, -0.25 * t]), np.array([1.0, 0, 0]), np.array([0, 0, 1.0]))

    return Layer("water", object_id("water"), Ripples(rng), pose)


def mirrored(
    layer: Layer,
    rng: np.random.Generator,
    depth: float,
    strength: float = 0.8,
    reach: float = 1.0,
    body: float = 30.0,
) -> Layer:
    """The reflection of an upright layer: upside down about the waterline, darkened, broken into moving streaks.

    Args:
        depth: where it stands, metres; far ripples look smaller.
        strength: how much of the thing's own colour is left.
        reach: how far the water pulls a row aside, metres.
        body: metres of the image below the waterline after which it has dissolved.
    """
    assert isinstance(layer.surface, Texture)
    rgba = layer.surface.straight()
    height, width = rgba.shape[:2]
    origin, _, down = layer.pose(0)
    metres = float(np.linalg.norm(down))
    below = np.maximum(-(origin[1] + np.arange(height) * down[1]), 0)  # of each row's mirror image, metres
    share = np.clip(below / body, 0, 1)
    patches = (max(0.012 * depth / metres, 2), max(0.12 * depth / metres, 4))
    streak = stretched(rng, (height, width), patches, 3, 0.6)
    rgba[..., 3] *= smoothstep(-0.2, 0.2, 0.95 - 1.3 * share[:, None] - 0.42 * streak * (0.3 + share[:, None]))
    tint = ramp(_NEAR_TO_FAR, np.array(np.clip(np.log(depth / 15) / np.log(100), 0, 1) * 0.8))
    rgba[..., :3] = mix(tint, rgba[..., :3] * 0.92, strength * (1 - 0.3 * share[:, None, None]))

    def pose(t: float) -> Pose:
        origin, along, down = layer.pose(t)
        flip = np.array([1.0, -1.0, 1.0])
        return Pose(origin * flip, along * flip, down * flip)

    # Many waves of unlike lengths, so that no pattern shows; all grow with the distance from the waterline.
    numbers = 2 * np.pi / (depth * np.geomspace(0.006, 0.05, 9) * rng.uniform(0.9, 1.1, 9))
    phases, rates = rng.uniform(0, 2 * np.pi, 9), rng.uniform(0.9, 2.2, 9) * rng.choice([-1, 1], 9)
    weights = np.geomspace(0.25, 0.6, 9)

    def bend(v: np.ndarray, t: float) -> np.ndarray:
        deep = np.maximum(-(origin[1] / metres + v), 0) * metres
        pull = reach * np.clip(deep / (0.03 * depth), 0, 1.5) / metres
        waves = zip(weights, numbers, phases, rates, strict=True)
        return pull * sum(weight * np.sin(number * deep + rate * t + phase) for weight, number, phase, rate in waves)

    return replace(
        layer,
        object_id=object_id("water"),
        surface=Texture(rgba),
        pose=pose,
        bend=bend,
        reach=1.5 * reach * float(weights.sum()) / metres,
    )
