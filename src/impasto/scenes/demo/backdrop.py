"""All that is far away: sky, mountains, wooded hills."""

from collections.abc import Callable

import cv2
import numpy as np

from impasto.scenes.canvas import Canvas
from impasto.scenes.demo.light import SUN_X, hazed, object_id, sunlit
from impasto.scenes.layer import Layer, Pose
from impasto.scenes.noise import Plane, fractal, lit, mix, smoothstep, stretched
from impasto.scenes.palettes import ramp, rgb

Density = Callable[[float], float]
"""Texels a metre that a thing at this depth needs."""

_SKY = np.stack([rgb(c) for c in ("4f83b0", "7ba3bf", "b3bdc6", "e6c7b4", "f9cf9d", "ffdc9f")])


def sky(rng: np.random.Generator, density: Density) -> Layer:
    """Blue above, gold at the horizon, clouds lit from below; it drifts slowly as a whole."""
    z = 4000.0
    sheet = Canvas(-2600, -1350, 2600, 60, 0.8 * density(z))
    y, x = sheet.metres()
    up = np.clip(-y / 1000, 0, 1)
    colour = ramp(_SKY[::-1], up**0.75)
    sun = np.hypot(x - SUN_X * z, (y + 170) * 1.15) / 1000
    colour = mix(colour, rgb("fff0c4"), 0.9 * np.exp(-((sun / 0.35) ** 1.3)))
    cell = 620 * sheet.density
    # Clouds flatten and crowd together towards the horizon.
    body = 0.75 * stretched(rng, sheet.size, (cell * 0.26, cell), 6, 0.5)
    body += 0.45 * fractal(rng, sheet.size, cell * 0.3, 5, 0.5)
    cover = smoothstep(0.1, 1.15, body - 0.1 + 0.3 * np.cos(9 * up + 0.6))
    thick = smoothstep(0.3, 1.7, body)
    edge = np.clip(0.5 + 1.4 * _towards_sun(body, 0.03 * cell), 0, 1)
    warm = mix(rgb("ffc39b"), rgb("fff3dc"), edge)
    cool = mix(rgb("b795a4"), rgb("8d93b3"), np.clip(up * 1.6, 0, 1))
    colour = mix(colour, mix(warm, cool, 0.75 * thick * (1 - 0.6 * edge)), 0.88 * cover * smoothstep(-0.02, 0.1, up))
    disc = smoothstep(0.052, 0.046, np.hypot(x - SUN_X * z, y + 170) / 1000)
    sheet.cover(np.ones(sheet.size, np.float32), mix(colour, rgb("fffbe6"), disc))

    def drift(t: float) -> Pose:
        return Pose(np.array([9.0 * t, -5.0, z]), np.array([1.0, 0, 0]), np.array([0, 1.0, 0]))

    return sheet.layer("sky", object_id("sky"), drift)


def _towards_sun(body: Plane, step: float) -> Plane:
    """How much thinner the cloud is one step to the lower left."""
    shift = np.array([[1, 0, step], [0, 1, -0.6 * step]], np.float32)
    return body - cv2.warpAffine(body, shift, body.shape[::-1], borderMode=cv2.BORDER_REFLECT)


def mountains(rng: np.random.Generator, density: Density) -> list[Layer]:
    """Two ranges, the further one paler."""
    layers = []
    for z, peak, tint in ((3000.0, 330.0, "8391b4"), (1900.0, 150.0, "6d7f96")):
        half = 0.56 * z
        sheet = Canvas(-half, -1.8 * peak, half, 0, density(z))
        top = -peak * (0.62 + 0.26 * _ridge(rng, sheet, 0.34 * z, 7))
        height = 10 * stretched(rng, sheet.size, (peak * sheet.density, peak * 0.5 * sheet.density), 5, 0.6)
        y, _ = sheet.metres()
        light = np.clip(0.45 + 1.6 * (lit(height, 0.9) - 1), 0, 1)
        face = mix(rgb(tint) * 0.9, mix(rgb(tint), rgb("f2c6a6"), 0.55), light)
        face = mix(face, hazed(face, 1.6 * z), smoothstep(-peak, 0, y))
        sheet.cover(smoothstep(-0.7, 0.7, (y - top) * sheet.density), hazed(face, 0.35 * z))
        layers.append(sheet.layer("mountains", object_id("mountains"), (0, 0, z)))
    return layers


def _ridge(rng: np.random.Generator, sheet: Canvas, metres: float, octaves: int) -> Plane:
    """A crest line [1, W], mean 0, deviation 1."""
    line = fractal(rng, (8, sheet.size[1]), metres * sheet.density, octaves, 0.5)[:1]
    return (line - line.mean()) / (line.std() + 1e-6)


def hills(rng: np.random.Generator, density: Density) -> list[Layer]:
    """Wooded slopes with clearings, from the left and from behind the village."""
    layers = []
    for z, crest, centre, spread, tint in (
        (950.0, 78.0, -330.0, 300.0, "62734f"),
        (620.0, 62.0, 300.0, 190.0, "66754a"),
        (420.0, 24.0, -190.0, 95.0, "5d6b3f"),
    ):
        half = 0.56 * z
        sheet = Canvas(-half, -1.25 * crest, half, 0, density(z))
        y, x = sheet.metres()
        shape = np.exp(-(((x - centre) / spread) ** 2))
        bumps = 0.05 * crest * _ridge(rng, sheet, 40, 5)
        top = -crest * shape - bumps * np.sqrt(shape) + 0.02 * crest
        crowns = 5 * fractal(rng, sheet.size, 9 * sheet.density, 4, 0.75)
        folds = fractal(rng, sheet.size, 110 * sheet.density, 3)
        meadow = smoothstep(0.55, 0.75, fractal(rng, sheet.size, 70 * sheet.density, 3))
        rows = 0.5 + 0.5 * np.sin((x * 0.6 + y * 1.3 + 6 * folds) * 1.1)
        wood = sunlit(rgb(tint) * 1.25, np.clip(0.42 + 0.9 * (lit(crowns, 1.0) - 1) + 0.28 * folds, 0, 1.2))
        grass = sunlit(rgb("b5ad62") * (1 - 0.16 * rows[..., None]), np.clip(0.75 + 0.25 * folds, 0, 1.1))
        cover = smoothstep(-0.8, 0.8, (y - top + 0.25 * crowns / 5) * sheet.density)
        sheet.cover(cover, hazed(mix(wood, grass, meadow), z * 0.75))
        layers.append(sheet.layer("hills", object_id("hills"), (0, 0, z)))
    return layers
