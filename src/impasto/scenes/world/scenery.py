"""What several backdrops are made of: sky, hills, water, and what covers the ground."""

import numpy as np

from impasto.scenes.layer import Layer
from impasto.scenes.noise import fractal, lit, mix, smoothstep, stretched
from impasto.scenes.palettes import ramp, rgb
from impasto.scenes.world.sheet import Sheet
from impasto.scenes.world.stage import BACK, Ground, Stage

SHORE = 9.8
"""Depth of the water's near edge, metres."""
SKY, FAR, MIDDLE, WATER, GROUND = range(5)
"""Ids of what a backdrop is made of."""


def sky(stage: Stage) -> Layer:
    """A gradient with clouds, and the sun, or the moon and stars."""
    rng, light = stage.rng, stage.light
    sheet = stage.sheet(BACK, 0.7)
    y, _ = sheet.metres()
    down = np.clip((y - stage.height(-0.1, BACK)) / (stage.eye - stage.height(-0.1, BACK)), 0, 1)
    colour = ramp(light.sky, down**0.9)
    if light.clouds:
        body = stretched(rng, sheet.size, (1.5 * sheet.density, 4.5 * sheet.density), 5, 0.55)
        cover = smoothstep(0.9 - 1.3 * light.clouds, 2.0 - 1.1 * light.clouds, body) * (1 - 0.6 * down)
        edge = np.clip(0.75 + 0.35 * (np.roll(body, -max(int(0.25 * sheet.density), 1), 0) - body), 0, 1)
        cloud = mix(0.72 * mix(light.air(), rgb("8a8fa5"), 0.5), mix(light.air(), np.ones(3), 0.6), edge[..., None])
        colour = mix(colour, cloud, 0.9 * cover)
    sheet.cover(np.ones(sheet.size, np.float32), colour)
    at = rng.choice([-1, 1]) * rng.uniform(3, 9)
    if light.dark:
        stars(sheet, stage, 110)
        up = stage.height(0.16, BACK)
        sheet.ellipse(at, up, 1.9, 1.9, rgb("c9d3ff"), 0.12)
        sheet.ellipse(at, up, 0.95, 0.95, rgb("fbf4d8"))
        for dx, dy, r in ((-0.25, -0.2, 0.2), (0.3, 0.2, 0.26), (-0.1, 0.45, 0.14)):
            sheet.ellipse(at + dx, up + dy, r, r, rgb("e0d6b4"))
    elif light.clouds < 0.6 and light.haze < 0.5:
        low = light.air()[2] < 0.7  # a reddened sun
        up = stage.height(0.44 if low else 0.12, BACK)
        for r, opacity in ((3.2, 0.12), (2.1, 0.18), (1.4, 0.3)):
            sheet.ellipse(at, up, r, r, rgb("fff2c0"), opacity)
        sheet.ellipse(at, up, 1.0, 1.0, rgb("fffbe4"))
    return sheet.layer(light.name, SKY, (0, 0, BACK))


def stars(sheet: Sheet, stage: Stage, count: int) -> None:
    rng = stage.rng
    for x, y in zip(rng.uniform(sheet.left, -sheet.left, count), rng.uniform(sheet.top, 0.5, count), strict=True):
        r = rng.uniform(0.03, 0.085)
        sheet.ellipse(x, y, r, r, mix(rgb("cfdcff"), rgb("fff0cf"), rng.random()), rng.uniform(0.5, 1))


def hazed(sheet: Sheet, stage: Stage, far: float) -> Sheet:
    """The sheet in the light of the hour, behind the air; `far` times the usual haze."""
    sheet.shade(stage.light.tint)
    share = 1 - (1 - stage.light.haze) ** (2.2 * far)
    sheet.rgb[:] = mix(sheet.rgb, stage.light.air(), share)
    return sheet


def hills(sheet: Sheet, stage: Stage, tall: float, colour: np.ndarray, snow: bool = False, octaves: int = 6) -> None:
    """A chain of hills or mountains across the sheet, lit from the upper left."""
    y, _ = sheet.metres()
    line = fractal(stage.rng, (8, sheet.size[1]), 5.5 * sheet.density, octaves, 0.5)[:1]
    top = stage.eye - tall * np.clip(0.62 + 0.22 * line, 0.1, 1.2)
    rough = fractal(stage.rng, sheet.size, 0.45 * tall * sheet.density, octaves, 0.55)
    light = lit(0.25 * tall * sheet.density * rough, 0.42 if octaves > 3 else 0.2)
    face = colour * (light * (1.1 - 0.22 * np.clip((y - top) / tall, 0, 1)))[..., None]
    if snow:
        white = smoothstep(0.46, 0.3, (y - top) / tall + 0.1 * rough)
        face = mix(face, rgb("f6f8fc") * np.clip(light, 0.72, 1.03)[..., None], white)
    sheet.cover(smoothstep(-0.7, 0.7, (y - top) * sheet.density), face)


def island(sheet: Sheet, stage: Stage, x: float, half: float, tall: float, colour: np.ndarray) -> None:
    y, across = sheet.metres()
    rough = fractal(stage.rng, sheet.size, 0.7 * sheet.density, 4, 0.7)
    top = stage.eye - tall * np.exp(-(((across - x) / half * 2) ** 2)) - 0.06 * rough + 0.1
    sheet.cover(smoothstep(-0.7, 0.7, (y - top) * sheet.density), colour * (1 + 0.12 * rough)[..., None])


def water(stage: Stage, colours: tuple[str, ...]) -> Layer:
    """The water behind the shore: rippled, paler far away, with the light of the sky on it."""
    ground = Ground(stage, BACK, SHORE - 0.8)
    ripple = ground.noise(1.4, 0.5, 3) + 0.5 * ground.noise(0.5, 0.2, 2)
    share = np.clip((ground.z - SHORE) / (BACK - SHORE), 0, 1) ** 0.7
    base = ramp(np.stack([rgb(c) for c in colours]), np.clip(share + 0.16 * ripple, 0, 1))
    base = mix(base, stage.light.air() / stage.light.tint, 0.3 + 0.35 * share[..., None])
    ground.rgb[:] = mix(base, np.ones(3), 0.4 * smoothstep(0.9, 1.6, ripple)[..., None])
    return ground.layer("water", WATER)


def grassy(ground: Ground, dark: np.ndarray, light: np.ndarray) -> None:
    tufts, broad = ground.noise(0.07, 0.3), ground.noise(2.2, 1.6)
    ground.rgb[:] = mix(dark, light, np.clip(0.45 + 0.17 * tufts + 0.2 * broad, 0, 1)[..., None])


def sprinkled(ground: Ground, stage: Stage, colours: tuple[str, ...], size: float, count: int) -> None:
    """Round flat spots on the ground: flowers, leaves."""
    rng = stage.rng
    for _ in range(count):
        z = 1 / rng.uniform(1 / 16, 1 / 3.8)
        x, r = rng.uniform(-0.65, 0.65) * z, size * rng.uniform(0.7, 1.3)
        near = (np.abs(ground.z[:, 0] - z) < 2 * r).nonzero()[0]
        if len(near):
            rows = slice(near[0], near[-1] + 1)
            spot = smoothstep(1.15, 0.85, np.hypot(ground.x[rows] - x, (ground.z[rows] - z)) / r)
            ground.rgb[rows] = mix(ground.rgb[rows], rgb(colours[rng.integers(len(colours))]), spot[..., None])


def pebbles(ground: Ground, stage: Stage, colour: np.ndarray) -> None:
    sprinkled(
        ground, stage, tuple("".join(f"{round(255 * min(c * f, 1)):02x}" for c in colour) for f in (0.8, 1.1)), 0.05, 50
    )
