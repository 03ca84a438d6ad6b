"""The near bank: ground with a path, a fence, swaying grass with flowers, a tree that frames the view."""

from collections.abc import Callable

import numpy as np

from impasto.scenes.canvas import Canvas
from impasto.scenes.demo.light import SHADE, object_id, sunlit
from impasto.scenes.layer import Layer, Pose
from impasto.scenes.noise import blur, fractal, lit, mix, smoothstep, stretched
from impasto.scenes.palettes import rgb

Density = Callable[[float], float]

FAR, NEAR = 14.2, 5.0
"""Depths of the bank's two edges, metres."""
HEIGHT = -3.1
"""World y of the bank."""
PATH_DEPTH = 12.6
"""Depth of the middle of the path."""
FENCE_DEPTH, TREE_DEPTH = 11.2, 10.0
_POSTS = np.arange(-8.4, 11, 1.9) + 0.12 * np.sin(7 * np.arange(11))
"""x of the fence's posts."""


def ground(rng: np.random.Generator, density: Density, tree_x: float) -> Layer:
    """The bank itself, a level plane: grass, a trodden path along the water, pebbles."""
    sheet = Canvas(-13, 0, 14, FAR - NEAR, density(11.5) * 0.8)
    down, x = sheet.metres()  # metres from the far edge towards the viewer
    d = sheet.density
    soil = fractal(rng, sheet.size, 0.35 * d, 5, 0.75)
    tufts = stretched(rng, sheet.size, (0.5 * d, 0.16 * d), 4, 0.75)
    broad = fractal(rng, sheet.size, 2.5 * d, 3)
    green = mix(rgb("6f7a38"), rgb("b39d4e"), np.clip(0.45 + 0.22 * tufts + 0.25 * broad, 0, 1))
    green = sunlit(green, np.clip(0.62 + 0.35 * tufts + 0.15 * broad, 0, 1.2))
    sand = sunlit(rgb("d2b48c") * (1 + 0.07 * soil)[..., None], np.clip(0.8 + 0.5 * (lit(4 * soil, 0.6) - 1), 0, 1.2))
    middle = FAR - PATH_DEPTH + 0.12 * np.sin(0.7 * x) + 0.1 * fractal(rng, sheet.size, 1.2 * d, 2)
    path = smoothstep(0.72, 0.5, np.abs(down - middle) + 0.07 * tufts)
    colour = mix(green, sand, path)
    edge = smoothstep(0.02, 0.1, down - 0.12 - 0.07 * tufts)
    sheet.cover(edge, colour * (0.8 + 0.2 * smoothstep(0, 0.6, down))[..., None])
    for px, py in zip(rng.uniform(-13, 14, 240), rng.normal(FAR - PATH_DEPTH, 0.5, 240), strict=True):
        r = rng.uniform(0.015, 0.05)
        sheet.ellipse(px, py + 0.4 * r, 1.2 * r, r, rgb("6e5c48"), 0.5)
        sheet.ellipse(px, py, r, 0.8 * r, sunlit(rgb("d8c8b0"), rng.uniform(0.6, 1.1)))

    shadows = Canvas(-13, 0, 14, FAR - NEAR, d)
    for at in _POSTS:  # long and towards the viewer, away from the low sun
        foot = FAR - FENCE_DEPTH
        shadows.polygon([(at - 0.08, foot), (at + 0.08, foot), (at + 1.0, foot + 2.9), (at + 0.8, foot + 2.9)], SHADE)
    foot = FAR - TREE_DEPTH
    shadows.polygon(
        [(tree_x - 0.35, foot), (tree_x + 0.35, foot), (tree_x + 2.0, foot + 5), (tree_x + 1.2, foot + 5)], SHADE
    )
    sheet.shade(mix(np.ones(3), SHADE, 0.75 * blur(shadows.alpha, 0.03 * d)))

    def pose(_: float) -> Pose:
        return Pose(np.array([0, HEIGHT, FAR]), np.array([1.0, 0, 0]), np.array([0, 0.02, -1.0]))

    return sheet.layer("shore", object_id("shore"), pose)


def bank_edge(rng: np.random.Generator, density: Density) -> Layer:
    """The drop from the bank's far edge to the water, fringed with grass."""
    sheet = Canvas(-14, -0.35, 15, 1.6, density(FAR))
    y, _ = sheet.metres()
    soil = fractal(rng, sheet.size, 0.4 * sheet.density, 4, 0.7)
    sheet.cover(
        smoothstep(-0.02, 0.02, y), sunlit(rgb("6b5a3c") * (1 + 0.15 * soil)[..., None], np.full(sheet.size, 0.35))
    )
    _blades(sheet, rng, 700, 0.02, (0.08, 0.3), 0.012)
    return sheet.layer("shore", object_id("shore"), (0, HEIGHT, FAR))


def fence(rng: np.random.Generator, density: Density, z: float = FENCE_DEPTH) -> Layer:
    """Weathered posts with two slack ropes."""
    sheet = Canvas(-9, -1.5, 11, 0.15, density(z))
    y, x = sheet.metres()
    grain = stretched(rng, sheet.size, (0.6 * sheet.density, 0.03 * sheet.density), 4, 0.7)
    posts, tops = _POSTS, rng.uniform(-1.06, -0.92, len(_POSTS))
    lean = rng.normal(0, 0.05, len(posts))
    shares = np.linspace(0, 1, 16)
    for high, sag in ((0.16, 0.16), (0.55, 0.13)):
        for i in range(len(posts) - 1):
            start = np.array([posts[i] + lean[i] * 0.8, tops[i] + high])
            end = np.array([posts[i + 1] + lean[i + 1] * 0.8, tops[i + 1] + high])
            rope = start + (end - start) * shares[:, None] + np.stack([0 * shares, 4 * sag * shares * (1 - shares)], 1)
            sheet.line(rope + np.array((0, 0.012)), 0.034, rgb("54402f"))
            sheet.line(rope, 0.026, rgb("d3b78c"))
    for at, top, side in zip(posts, tops, lean, strict=True):
        corners = [(at - 0.075, 0.15), (at - 0.07 + side, top), (at + 0.07 + side, top - 0.02), (at + 0.08, 0.15)]
        light = np.clip(0.62 - 6.5 * (x - at - side * (y / top)), 0.05, 1.15)
        sheet.polygon(corners, sunlit(rgb("9b7f63") * (1 + 0.14 * grain)[..., None], light))
        sheet.ellipse(at + side, top - 0.005, 0.072, 0.022, sunlit(rgb("c5a986"), 1.1))
    return sheet.layer("fence", object_id("fence"), (0, HEIGHT + 0.05, z))


def _blades(
    sheet: Canvas, rng: np.random.Generator, count: int, foot: float, tall: tuple[float, float], wide: float
) -> None:
    """Blades of grass, curved, drawn from the shaded ones behind to the sunlit ones in front."""
    left, right = sheet.left, sheet.left + sheet.size[1] / sheet.density
    shares = np.array([0, 0.15, 0.35, 0.6, 0.8, 1])
    clumps = fractal(rng, (8, 256), 18, 3)[4]
    for i in range(count):
        x = rng.uniform(left, right)
        clump = 1 + 0.3 * clumps[int((x - left) / (right - left) * 255)]
        height = rng.uniform(*tall) * max(clump, 0.3)
        lean = height * rng.normal(0.12, 0.3)
        root = foot + 0.12 * tall[1] * rng.normal()
        spine = np.stack([x + lean * shares**2, root - height * shares], 1)
        half = (wide * rng.uniform(0.6, 1.2) * np.minimum(0.3 + 5 * shares, 1) * (1 - shares**1.5))[:, None] * (1, 0)
        ripe = mix(rgb("6d7c35"), rgb("d9b866"), rng.random() ** 1.5)
        light = 0.25 + 0.9 * (i / count) * rng.uniform(0.7, 1.1)
        sheet.polygon(np.vstack([spine - half, (spine + half)[::-1]]), sunlit(ripe, min(light, 1.15)))


def grass(rng: np.random.Generator, density: Density, z: float, tall: float, count: int, flowers: int) -> Layer:
    """A strip of high grass with poppies, daisies and lavender, swaying in the wind."""
    sheet = Canvas(-1.05 * z, -1.75 * tall, 1.15 * z, 0.9, density(z))
    y, x = sheet.metres()
    dark = fractal(rng, sheet.size, 0.25 * sheet.density, 4, 0.8)
    sheet.cover(
        smoothstep(-0.1, 0.12, y + 0.08 * dark), sunlit(rgb("4f5a2a") * (1 + 0.2 * dark)[..., None], 0.3 + 0 * x)
    )
    for foot in (0.12, 0.3, 0.48):
        _blades(sheet, rng, count // 2, foot, (0.4 * tall, 1.05 * tall), 0.0016 * z)
    for _ in range(flowers):
        at, high = rng.uniform(-1.05 * z, 1.15 * z), rng.uniform(0.75, 1.4) * tall
        tip = (at + 0.1 * high * rng.normal(), 0.1 - high)
        sheet.line(
            [(at, 0.1), (at + 0.3 * (tip[0] - at), 0.1 - 0.6 * high), tip], 0.0018 * z, sunlit(rgb("77853f"), 0.8)
        )
        _flower(sheet, rng, tip, 0.0075 * z)
    for _ in range(count // 9):  # seed heads
        at, high = rng.uniform(-1.05 * z, 1.15 * z), rng.uniform(0.9, 1.6) * tall
        lean = 0.2 * high * rng.normal(0.4, 0.6)
        stem = np.array([(at, 0.1), (at + 0.4 * lean, 0.1 - 0.6 * high), (at + lean, 0.1 - high)])
        sheet.line(stem, 0.0011 * z, sunlit(rgb("c9a65c"), 0.9))
        for k in range(5):
            p = stem[2] + (stem[1] - stem[2]) * 0.07 * k
            sheet.ellipse(p[0], p[1], 0.0022 * z, 0.0045 * z, sunlit(rgb("e0bf78"), rng.uniform(0.8, 1.15)))
    phase = rng.uniform(0, 6)

    def sway(v: np.ndarray, t: float) -> np.ndarray:
        """The tips give way to the wind, the roots stay; metres."""
        gust = 0.6 * np.sin(1.5 * t + phase) + 0.4 * np.sin(2.7 * t + 1.7 * phase)
        return 0.1 * tall * gust * np.clip(-v / tall, 0, 1.6) ** 2

    return sheet.layer("grass", object_id("grass"), (0.3, HEIGHT + 0.02 * (FAR - z), z), sway, 0.3 * tall)


def _flower(sheet: Canvas, rng: np.random.Generator, at: tuple[float, float], size: float) -> None:
    x, y = at
    kind = rng.integers(3)
    if kind == 0:  # poppy
        for dx, dy, light in ((0.4, 0.1, 0.6), (-0.45, 0, 1.0), (0, -0.35, 1.12), (0.05, 0.3, 0.8)):
            sheet.ellipse(x + dx * size, y + dy * size, 0.75 * size, 0.62 * size, sunlit(rgb("e0472f"), light))
        sheet.ellipse(x, y, 0.22 * size, 0.2 * size, rgb("3a2a2a"))
    elif kind == 1:  # daisy
        for angle in np.arange(0, 2 * np.pi, np.pi / 4):
            px, py = x + 0.55 * size * np.cos(angle), y + 0.42 * size * np.sin(angle)
            sheet.ellipse(px, py, 0.3 * size, 0.25 * size, sunlit(rgb("fffaf0"), 0.95))
        sheet.ellipse(x, y, 0.27 * size, 0.24 * size, rgb("eab93a"))
    else:  # lavender
        for k in range(9):
            tint = mix(rgb("7a62a8"), rgb("a58bd0"), rng.random())
            sheet.ellipse(
                x + rng.normal(0, 0.13 * size), y + 0.26 * k * size, 0.26 * size, 0.2 * size, sunlit(tint, 0.95)
            )


_BOUGHS = [
    (2.7, -5.0, 1.5),
    (0.7, -5.1, 1.7),
    (-0.6, -5.2, 1.4),
    (-1.4, -4.1, 1.1),
    (1.9, -4.05, 1.25),
    (3.2, -3.75, 1.15),
]
"""Centres (x, y) and sizes of the tree's masses of leaves, metres."""


def _foliage(sheet: Canvas, rng: np.random.Generator, x: float, y: float, size: float) -> None:
    """A mass of leaves, flat below, its shaded leaves first and the sunlit upper left ones last."""
    places = rng.normal(0, (0.42, 0.17), (620, 2)) * size
    light = np.clip(0.42 - 0.5 * places[:, 0] / size - 1.3 * places[:, 1] / size + rng.normal(0, 0.15, 620), 0.02, 1.15)
    for i in light.argsort():
        angle = rng.uniform(0, 2 * np.pi)
        along = 0.085 * rng.uniform(0.7, 1.3) * np.array([np.cos(angle), np.sin(angle)])
        across = 0.38 * np.array([-along[1], along[0]])
        tint = mix(rgb("3f5530"), rgb("8b8a3c"), 0.25 + 0.6 * light[i] * rng.random())
        leaf = places[i] + (x, y) + np.stack([-along, across, along, -across])
        sheet.polygon(leaf, sunlit(tint, light[i]))


def tree(rng: np.random.Generator, density: Density, x: float, z: float = TREE_DEPTH) -> list[Layer]:
    """A tree at the edge of the picture, its boughs reaching into it."""
    trunk = Canvas(-1.6, -6.4, 4.2, 0.3, density(z))
    _, across = trunk.metres()
    bark = stretched(rng, trunk.size, (0.5 * trunk.density, 0.06 * trunk.density), 4, 0.75)
    wood = sunlit(rgb("7a5741") * (1 + 0.28 * bark)[..., None], np.clip(0.55 - 1.5 * (across - 0.1), 0.05, 1.15))
    spine = [(0.0, 0.3), (0.1, -1.2), (-0.05, -2.6), (0.25, -4.2), (0.5, -6.4)]
    widths = [0.34, 0.25, 0.22, 0.18, 0.13]
    sides = [[(px + s * w, py) for (px, py), w in zip(spine, widths, strict=True)] for s in (-1, 1)]
    trunk.polygon(sides[0] + sides[1][::-1], wood)
    boughs = [
        ((0.05, -2.7), (1.5, -3.5), (3.3, -3.65)),
        ((0.1, -3.2), (-0.6, -3.9), (-1.4, -4.0)),
        ((0.2, -3.7), (1.2, -4.6), (2.7, -4.9)),
    ]
    for bough in boughs:
        trunk.line(bough, 0.11, sunlit(rgb("6b4c3a"), 0.45))
    leaves = Canvas(-2.8, -6.2, 5.2, -2.4, density(z))
    for cx, cy, r in _BOUGHS:
        _foliage(leaves, rng, cx, cy, r)

    def sway(v: np.ndarray, t: float) -> np.ndarray:
        return 0.035 * np.clip((-v - 2.0) / 2.5, 0, 1.5) * (np.sin(1.1 * t + 0.6) + 0.5 * np.sin(1.9 * t))

    base = (x, HEIGHT + 0.02 * (FAR - z), z)
    return [
        trunk.layer("tree", object_id("tree"), base),
        leaves.layer("tree", object_id("tree"), base, sway, 0.1),
    ]
