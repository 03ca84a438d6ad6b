"""A small quick world for tests: a few textured planes that pass before each other under a moving camera."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np

from impasto.scenes.camera import Camera, glide
from impasto.scenes.layer import Layer, Pose, upright
from impasto.scenes.noise import fractal, grid, smoothstep
from impasto.scenes.palettes import ramp, random_palette
from impasto.scenes.scene import Scene
from impasto.scenes.texture import Texture


def simple_scene(
    size: tuple[int, int] = (96, 128), seed: int = 0, seconds: Fraction = Fraction(2), fps: Fraction = Fraction(24)
) -> Scene:
    """A textured wall with three things before it: a disc, a blob and a slowly turning board, on paths of their own.

    Args:
        size: (height, width) of the frames in pixels.
        seed: chooses colours, shapes and paths.
    """
    rng = np.random.default_rng(seed)
    camera = Camera(path=glide((0, 0, 0), (*rng.uniform(-0.5, 0.5, 2), rng.uniform(0, 0.8)), float(seconds), 0.2))
    texels = 2 * camera.focal * size[1]  # in a metre at a depth of one metre: two for each pixel
    layers = [Layer("wall", 0, Texture(_stuff(rng, 1.6 * texels)), _centred(12, 12 / texels, 0.8 * texels))]
    for i, (name, shape) in enumerate((("disc", "disc"), ("blob", "blob"), ("board", "board")), 1):
        depth = 9 - 2 * i
        side = texels * rng.uniform(0.22, 0.4)
        start, speed = rng.uniform(-0.25, 0.25, 2) * depth, rng.uniform(-0.2, 0.2, 2) * depth / 2
        spin = rng.uniform(-0.4, 0.4) if shape == "board" else 0.0
        pose = _drifting((*start, depth), (*speed, 0.0), spin, depth / texels, side / 2)
        layers.append(Layer(name, i, Texture(_stuff(rng, side, shape)), pose))
    return Scene(size, seconds, fps, camera, tuple(layers))


def _stuff(rng: np.random.Generator, side: float, shape: str = "board") -> np.ndarray:
    """RGBA [S, S, 4] of a clouded material in the given shape."""
    n = round(side)
    colour = ramp(random_palette(rng, 5), 0.5 + 0.25 * fractal(rng, (n, n), n / 5, 4))
    y, x = grid((n, n))
    radius = np.hypot(y - n / 2, x - n / 2) * 2 / n
    if shape == "blob":
        radius = radius + 0.15 * fractal(rng, (n, n), n / 3, 2)
    alpha = np.ones((n, n), np.float32) if shape == "board" else smoothstep(0.9 + 1 / n, 0.9 - 1 / n, radius)
    return np.dstack([colour, alpha])


def _centred(depth: float, metres: float, half: float) -> Callable[[float], Pose]:
    pose = upright(-half * metres, -half * metres, depth, metres)
    return lambda t: pose


def _drifting(
    start: tuple[float, float, float], speed: tuple[float, float, float], spin: float, metres: float, half: float
) -> Callable[[float], Pose]:
    """A square of `half` texels around a centre that moves evenly and turns in its own plane."""

    def at(t: float) -> Pose:
        c, s = metres * np.cos(spin * t), metres * np.sin(spin * t)
        along, down = np.array([c, s, 0]), np.array([-s, c, 0])
        return Pose(np.array(start) + t * np.array(speed) - half * (along + down), along, down)

    return at
