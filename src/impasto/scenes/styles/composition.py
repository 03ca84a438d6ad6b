"""Subjects made by code, for style pictures that have no photograph to repaint."""

from collections.abc import Callable

import cv2
import numpy as np

from impasto.scenes.noise import Picture, Size, blur, displaced, fractal, grid, mix, smoothstep
from impasto.scenes.palettes import oklch, ramp, random_palette


def composition(rng: np.random.Generator, size: Size) -> Picture:
    """A random subject: hills under a sky, things on a table, overlapping shapes, a marbled swirl, or a town."""
    kinds: tuple[Callable[[np.random.Generator, Size], Picture], ...] = (
        _hills,
        _hills,
        _still_life,
        _shapes,
        _swirl,
        _town,
    )
    picture = kinds[rng.integers(len(kinds))](rng, size)
    texture = 0.03 * fractal(rng, size, min(size) / 12, 4, 0.7)
    return np.clip(picture + texture[..., None], 0, 1).astype(np.float32)


def _hills(rng: np.random.Generator, size: Size) -> Picture:
    h, w = size
    y, x = grid(size)
    palette = random_palette(rng, 6)
    sky = ramp(palette[3:][:: rng.choice([-1, 1])], np.clip(y / h * 1.6, 0, 1))
    clouds = smoothstep(0.3, 1.8, fractal(rng, size, min(size) / 2, 5))
    picture = mix(sky, np.ones(3), 0.7 * clouds)
    sun = np.hypot(y - rng.uniform(0.1, 0.4) * h, x - rng.uniform(0.1, 0.9) * w)
    picture = mix(picture, palette[-1], smoothstep(3, -3, sun - rng.uniform(0.05, 0.13) * min(size)))
    layers = int(rng.integers(2, 6))
    for i in range(layers):
        depth = (i + 1) / layers
        ridge = np.cumsum(rng.standard_normal(w + 99)) * rng.uniform(0.3, 1) * h / w
        ridge = cv2.GaussianBlur(ridge.astype(np.float32)[:, None], (0, 0), w / 60)[50 : 50 + w, 0]
        ground = h * (0.35 + 0.5 * depth * rng.uniform(0.7, 1)) - ridge + ridge.mean()
        colour = mix(palette[min(3, layers - i)], palette[0], depth * rng.uniform(0.3, 1))
        shade = 1 + 0.25 * fractal(rng, size, min(size) / rng.uniform(3, 20), 5, 0.7)
        picture = mix(picture, colour * shade[..., None], smoothstep(-1, 1, y - ground))
    return picture


def _still_life(rng: np.random.Generator, size: Size) -> Picture:
    h, w = size
    y, x = grid(size)
    palette = random_palette(rng, 7, chroma=(0.06, 0.2))
    table = h * rng.uniform(0.45, 0.7)
    wall = palette[2] * (1 + 0.2 * (x / w - 0.5) + 0.1 * fractal(rng, size, min(size) / 3))[..., None]
    picture = mix(wall, palette[4] * (1.1 - 0.3 * y / h)[..., None], smoothstep(-2, 2, y - table))
    lit = rng.uniform(-1, 1)
    for cy in np.sort(rng.uniform(table - 0.05 * h, 0.9 * h, rng.integers(3, 9))):
        ry, rx = rng.uniform(0.07, 0.24, 2) * min(size)
        ny, nx = (y - cy + ry * 0.6) / ry, (x - rng.uniform(0.1, 0.9) * w) / rx
        inside = 1 - np.hypot(ny, nx)
        shadow = smoothstep(0.2, -0.6, np.hypot((ny - 0.9) * 3, nx + 0.5 * lit) - 1.1)
        light = np.clip(0.55 + 0.5 * (nx * lit - ny * 0.7), 0.15, 1.3)
        picture = picture * (1 - 0.5 * shadow[..., None])
        colour = palette[rng.integers(1, 7)] * light[..., None] + 0.6 * (light[..., None] > 1.2)
        picture = mix(picture, colour, smoothstep(-1, 1, inside * min(ry, rx)))
    return picture


def _shapes(rng: np.random.Generator, size: Size) -> Picture:
    h, w = size
    palette = random_palette(rng, 7, chroma=(0.05, 0.22))
    picture = np.tile(palette[-1], (2 * h, 2 * w, 1)).astype(np.float32)
    for _ in range(rng.integers(8, 30)):
        colour = tuple(float(c) for c in palette[rng.integers(7)])
        cx, cy, r = rng.uniform(0, 2 * w), rng.uniform(0, 2 * h), rng.uniform(0.06, 0.5) * min(size)
        turn = rng.uniform(0, 2 * np.pi)
        if rng.random() < 0.5:
            axes = (int(r), int(r * rng.uniform(0.3, 1)))
            cv2.ellipse(picture, (int(cx), int(cy)), axes, np.degrees(turn), 0, 360, colour, -1, cv2.LINE_AA)
        else:
            corners = turn + np.sort(rng.uniform(0, 2 * np.pi, rng.integers(3, 7)))
            points = np.stack([cx + 1.4 * r * np.cos(corners), cy + 1.4 * r * np.sin(corners)], 1)
            cv2.fillPoly(picture, [points.astype(np.int32)], colour, cv2.LINE_AA)
    shade = 1 + 0.15 * fractal(rng, size, min(size) / 2)
    return cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA) * shade[..., None]


def _swirl(rng: np.random.Generator, size: Size) -> Picture:
    cell = min(size) / rng.uniform(1, 3)
    bend = cell * rng.uniform(0.15, 0.4)
    base = fractal(rng, size, cell, 3)
    for _ in range(2):
        base = displaced(base, bend * fractal(rng, size, cell, 2), bend * fractal(rng, size, cell, 2))
    return ramp(random_palette(rng, int(rng.integers(4, 8))), 0.5 + 0.5 * np.sin(base * rng.uniform(1.5, 3.5)))


def _town(rng: np.random.Generator, size: Size) -> Picture:
    h, w = size
    y, _ = grid(size)
    palette = random_palette(rng, 7)
    picture = ramp(palette[4:], np.clip(y / h * 1.4, 0, 1))
    picture = mix(picture, palette[-1], 0.6 * smoothstep(0, 2, fractal(rng, size, min(size) / 2, 4)))
    for row in range(3):
        left = -rng.uniform(0, 0.1) * w
        while left < w:
            wide, tall = rng.uniform(0.06, 0.2) * w, rng.uniform(0.15, 0.45) * h
            top, right = int(h * (0.55 + 0.2 * row) - tall), int(left + wide)
            x0 = max(int(left), 0)
            colour = mix(palette[rng.integers(1, 6)], palette[4], 0.25 * (2 - row))
            picture[max(top, 0) :, x0 : max(right, 0)] = colour * rng.uniform(0.8, 1.1)
            picture[max(top, 0) :, x0 : max(int(left + wide * 0.3), 0)] *= 0.8  # the side away from the light
            pane = max(int(wide / 6), 2)
            lamp = oklch(rng.choice([0.3, 0.85]), 0.08, 0.22)
            for wy in range(max(top, 0) + pane, h, 2 * pane):
                for wx in range(x0 + pane, right - pane, 2 * pane):
                    if rng.random() < 0.8:
                        picture[wy : wy + pane, wx : wx + max(pane * 2 // 3, 1)] = lamp
            left += wide * rng.uniform(0.9, 1.4)
    return blur(picture, 0.6)
