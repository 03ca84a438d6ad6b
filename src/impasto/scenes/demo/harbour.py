"""What floats, stands and flies over the water: sailing boat, moored boats, lighthouse, gulls."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from impasto.scenes.canvas import Canvas
from impasto.scenes.demo.light import hazed, object_id, sunlit
from impasto.scenes.layer import Layer, Pose
from impasto.scenes.noise import fractal, lit, mix, smoothstep
from impasto.scenes.palettes import rgb

Density = Callable[[float], float]


def afloat(x: float, z: float, speed: float, phase: float, roll: float = 0.02) -> Callable[[float], Pose]:
    """A pose that sails along x at metres a second, heaves a little and rolls by up to `roll` radians."""

    def at(t: float) -> Pose:
        angle = roll * np.sin(1.25 * t + phase)
        heave = 0.07 * np.sin(1.7 * t + 2 * phase)
        c, s = np.cos(angle), np.sin(angle)
        return Pose(np.array([x + speed * t, heave, z]), np.array([c, s, 0]), np.array([-s, c, 0]))

    return at


def _curve(points: list[tuple[float, float]], steps: int = 24) -> np.ndarray:
    """A Bezier curve [steps, 2] of any degree."""
    shares = np.linspace(0, 1, steps)[:, None]
    rows = [np.repeat(np.array([p], float), steps, 0) for p in points]
    while len(rows) > 1:
        rows = [a + (b - a) * shares for a, b in pairwise(rows)]
    return rows[0]


def sailing_boat(rng: np.random.Generator, density: Density, z: float = 74.0) -> Layer:
    """A small sloop, sails full, sailing to the right."""
    sheet = Canvas(-6, -13.6, 6.5, 0.5, density(z))
    y, x = sheet.metres()
    weave = 1 + 0.02 * fractal(rng, sheet.size, 0.6 * sheet.density, 3, 0.8)
    belly = np.clip(1.02 - 0.09 * (x + 3.4) - 0.015 * (y + 8), 0.45, 1.15)
    seams = 1 - 0.07 * smoothstep(0.86, 1.0, np.sin((y - 0.12 * x) * 2 * np.pi / 1.35))
    main = sunlit(rgb("fff3dc"), belly) * (weave * seams)[..., None]
    jib = sunlit(rgb("d9674a"), belly + 0.12) * (weave * seams)[..., None]
    leech = _curve([(0.05, -13.0), (-1.6, -9.5), (-4.3, -5.5), (-4.9, -1.75)])
    sheet.polygon(np.vstack([leech, _curve([(-4.9, -1.75), (-2.5, -1.35), (0.05, -1.7)])]), main)
    luff = _curve([(0.5, -11.6), (2.2, -7.5), (5.4, -1.0)])
    sheet.polygon(np.vstack([luff, _curve([(5.4, -1.0), (2.4, -0.9), (0.55, -1.35), (1.9, -6.0), (0.5, -11.6)])]), jib)
    sheet.line([(0.15, -0.6), (0.15, -13.3)], 0.17, rgb("6b4a33"))
    sheet.line([(0.1, -1.6), (-5.0, -1.65)], 0.14, rgb("6b4a33"))
    for end in (5.7, -5.2):
        sheet.line([(0.15, -13.2), (end, -0.8)], 0.04, rgb("50454a"), 0.8)
    sheet.polygon([(0.2, -13.5), (1.3, -13.15), (0.2, -12.9)], rgb("d4493f"))
    sheet.ellipse(-3.1, -1.05, 0.33, 0.5, sunlit(rgb("35507c"), 0.6))  # the helmsman
    sheet.ellipse(-3.05, -1.75, 0.23, 0.25, sunlit(rgb("e0a581"), 0.9))
    hull = np.vstack(
        [_curve([(-5.3, -0.85), (0, -0.55), (5.9, -1.15)]), _curve([(5.9, -1.15), (4.4, 0.5), (-4.9, 0.5)])]
    )
    planks = 1 - 0.06 * (np.sin(y * 2 * np.pi / 0.24) > 0.7)
    sheet.polygon(hull, sunlit(rgb("f6efe4"), np.clip(0.8 - 0.03 * x, 0, 1.1)) * planks[..., None])
    stripe = np.vstack(
        [_curve([(-5.25, -0.75), (0, -0.45), (5.8, -1.02)]), _curve([(5.7, -0.85), (0, -0.22), (-5.2, -0.55)])]
    )
    sheet.polygon(stripe, rgb("2f6d86"))
    sheet.rgb = hazed(sheet.rgb, z)
    return sheet.layer("sailing boat", object_id("sailing boat"), afloat(-21.0, z, 2.3, 0.4, 0.03))


def moored_boat(
    rng: np.random.Generator, density: Density, x: float, z: float, hull: str, length: float = 6.0, speed: float = 0.0
) -> Layer:
    """A fishing boat with a wheelhouse and a short mast."""
    half = length / 2
    sheet = Canvas(-half - 0.7, -4.6, half + 0.7, 0.4, density(z))
    y, _ = sheet.metres()
    sheet.line([(0.6, -0.8), (0.6, -4.3)], 0.1, rgb("70503a"))
    sheet.line([(0.6, -4.2), (half, -1.1)], 0.035, rgb("50454a"))
    sheet.line([(0.6, -4.2), (-half, -1.0)], 0.035, rgb("50454a"))
    cabin = [(-1.5, -0.7), (-1.35, -2.15), (0.15, -2.15), (0.35, -0.7)]
    sheet.polygon(cabin, sunlit(rgb("f4ead8"), 0.85))
    sheet.polygon([(-1.6, -2.1), (-1.5, -2.35), (0.3, -2.35), (0.4, -2.1)], sunlit(rgb("c9744f"), 0.9))
    for at in (-1.0, -0.3):
        sheet.polygon([(at - 0.22, -1.95), (at + 0.22, -1.95), (at + 0.22, -1.4), (at - 0.22, -1.4)], rgb("ffd98c"))
    body = np.vstack(
        [
            _curve([(-half, -1.0), (0, -0.5), (half, -1.25)]),
            _curve([(half, -1.25), (half * 0.7, 0.4), (-half * 0.9, 0.4)]),
        ]
    )
    planks = 1 - 0.1 * (np.sin(y * 2 * np.pi / 0.22) > 0.6) + 0.04 * fractal(rng, sheet.size, sheet.density, 3)
    sheet.polygon(body, sunlit(rgb(hull), 0.75) * planks[..., None])
    sheet.line(_curve([(-half, -1.0), (0, -0.5), (half, -1.25)]), 0.13, sunlit(rgb("f7ecd6"), 1.0))
    sheet.rgb = hazed(sheet.rgb, z)
    return sheet.layer("boat", object_id("boat"), afloat(x, z, speed, rng.uniform(0, 6), 0.025))


def lighthouse(rng: np.random.Generator, density: Density, x: float = -30.0, z: float = 138.0) -> Layer:
    """A banded tower on a rock at the harbour's mouth, its lamp lit, a keeper's house beside it."""
    sheet = Canvas(-16, -25, 14, 0.0, density(z))
    y, across = sheet.metres()
    rough = fractal(rng, sheet.size, 2.6 * sheet.density, 5, 0.65)
    top = 3.3 * np.exp(-((across / 8.5) ** 2)) + 0.5 * rough * np.exp(-((across / 11) ** 4)) - 0.4
    rock = sunlit(rgb("8f8279") * (1 + 0.1 * rough)[..., None], np.clip(0.5 + 1.2 * (lit(6 * rough, 0.8) - 1), 0, 1.1))
    rock = mix(rock, rock * rgb("6a7360"), smoothstep(-0.9, -0.1, y))
    sheet.cover(smoothstep(-1, 1, (y + top) * sheet.density), rock)
    sheet.polygon([(2.2, -2.2), (2.2, -5.6), (7.6, -5.6), (7.6, -2.0)], sunlit(rgb("f3e6d2"), 0.72))
    sheet.polygon([(1.8, -5.5), (2.7, -7.5), (7.0, -7.5), (8.0, -5.5)], sunlit(rgb("bb6448"), 0.8))
    for at in (3.6, 5.9):
        sheet.polygon([(at, -4.9), (at + 0.8, -4.9), (at + 0.8, -3.7), (at, -3.7)], rgb("ffdd90"))
    round_ = np.clip(0.72 - 0.34 * (across + 1.2) - 0.1 * (across + 1.2) ** 2, 0.1, 1.15)
    bands = smoothstep(-0.02, 0.02, np.sin(2 * np.pi * (y + 1.2) / 6.4 + 0.12 * np.cos(across)))
    tower = sunlit(mix(rgb("f7efe2"), rgb("c64a3c"), bands), round_)
    sheet.polygon([(-3.1, -2.6), (-2.2, -19), (0.2, -19), (1.1, -2.6)], tower)
    sheet.polygon([(-2.75, -18.9), (-2.75, -19.5), (0.75, -19.5), (0.75, -18.9)], sunlit(rgb("5d5560"), 0.6))
    sheet.ellipse(-1, -20.7, 2.6, 2.3, rgb("ffe9a8"), 0.25)
    sheet.polygon([(-1.9, -19.5), (-1.9, -21.7), (-0.1, -21.7), (-0.1, -19.5)], rgb("fff3c4"))
    for at in (-1.9, -1.0, -0.1):
        sheet.line([(at, -19.5), (at, -21.7)], 0.14, rgb("5d5560"))
    sheet.polygon([(-2.2, -21.6), (-1, -23.3), (0.2, -21.6)], sunlit(rgb("b5443a"), 0.9))
    for at in np.linspace(-2.7, 0.7, 7):
        sheet.line([(at, -19.5), (at, -20.2)], 0.07, rgb("5d5560"))
    sheet.line([(-2.7, -20.2), (0.7, -20.2)], 0.07, rgb("5d5560"))
    for level in (-15.5, -10.2, -6):
        sheet.ellipse(-0.8, level, 0.32, 0.55, rgb("4b4a5c"))
    sheet.rgb = hazed(sheet.rgb, z)
    return sheet.layer("lighthouse", object_id("lighthouse"), (x, 0, z))


def gull(
    density: Density, start: tuple[float, float, float], speed: tuple[float, float, float], phase: float
) -> list[Layer]:
    """A gull in three pieces: two wings that beat about its shoulders, and the body before them."""
    fine = 1.6 * density(start[2])

    def centre(t: float) -> np.ndarray:
        bob = 0.12 * np.sin(2 * np.pi * 1.7 * t + phase + 2)
        return np.array(start) + t * np.array(speed) + (0, bob, 0)

    def body_pose(t: float) -> Pose:
        return Pose(centre(t), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))

    def wing_pose(side: float) -> Callable[[float], Pose]:
        def at(t: float) -> Pose:
            # A few beats, then a glide.
            beat = 0.5 + 0.5 * np.sin(0.9 * t + phase)
            lift = 0.28 + 0.62 * beat * np.sin(2 * np.pi * 1.7 * t + phase)
            along = np.array([side * np.cos(lift), -np.sin(lift), 0.25])
            return Pose(centre(t) + np.array((0, -0.03, 0)), along, np.array([-0.25 * side * np.sin(lift), 0.9, 0.0]))

        return at

    layers = []
    for side in (1.0, -1.0):
        wing = Canvas(-0.05, -0.22, 0.85, 0.24, fine)
        edge = np.vstack(
            [_curve([(0, -0.07), (0.4, -0.28), (0.82, 0.04)]), _curve([(0.82, 0.04), (0.4, 0.02), (0, 0.14)])]
        )
        _, x = wing.metres()
        light = 0.95 if side < 0 else 0.7
        feathers = mix(sunlit(rgb("e9e6e4"), light), sunlit(rgb("8f97a8"), light), smoothstep(0.1, 0.6, x))
        wing.polygon(edge, mix(feathers, rgb("33343d"), smoothstep(0.62, 0.7, x)))
        layers.append(wing.layer("gull", object_id("gull"), wing_pose(side)))
    body = Canvas(-0.5, -0.2, 0.5, 0.2, fine)
    forwards = 1.0 if speed[0] > 0 else -1.0
    body.polygon(
        [(-0.45 * forwards, -0.06), (-0.2 * forwards, -0.06), (-0.2 * forwards, 0.06), (-0.47 * forwards, 0.04)],
        rgb("e8e2de"),
    )
    body.ellipse(0, 0.0, 0.3, 0.1, sunlit(rgb("f7f3ee"), 0.75))
    body.ellipse(0, -0.03, 0.27, 0.065, sunlit(rgb("fffaf2"), 1.05))
    body.ellipse(0.27 * forwards, -0.05, 0.1, 0.08, sunlit(rgb("fdf8f2"), 1.0))
    body.polygon([(0.35 * forwards, -0.07), (0.46 * forwards, -0.03), (0.35 * forwards, -0.01)], rgb("e8a33d"))
    layers.append(body.layer("gull", object_id("gull"), body_pose))
    return layers
