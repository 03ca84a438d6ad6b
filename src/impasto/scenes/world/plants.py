"""Plants, and the crowns and firs that backdrops are grown with too."""

import numpy as np

from impasto.scenes.palettes import rgb
from impasto.scenes.world.colours import CREAM, LEAF, WOOD
from impasto.scenes.world.sheet import Colour, Part, Sheet, Sitter, rounded


def tree(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.46, -1.04, 0.46, 0.02)
    leafy(sheet, it.rng, 0.0, 0.0, 1.0, it.colour)
    return [Part(sheet)]


def leafy(sheet: Sheet, rng: np.random.Generator, x: float, foot: float, tall: float, colour: Colour) -> None:
    """A tree with a round crown, its upper left side in the light."""
    trunk = np.array([(-0.07, 0), (-0.045, -0.2), (-0.05, -0.5), (0.05, -0.5), (0.045, -0.2), (0.08, 0)])
    sheet.shape(trunk * tall + (x, foot), WOOD)
    for side in (-1, 1):
        sheet.line([(x, foot - 0.34 * tall), (x + 0.16 * side * tall, foot - 0.52 * tall)], 0.04 * tall, 0.8 * WOOD)
    for dx, dy, r in ((-0.2, -0.56, 0.2), (0.2, -0.56, 0.2), (0.0, -0.5, 0.2), (-0.14, -0.78, 0.2), (0.16, -0.76, 0.2),
                      (0.0, -0.66, 0.24)):  # fmt: skip
        sheet.oval(
            x + dx * tall, foot + dy * tall, r * tall, 0.88 * r * tall, 0.78 * colour, edge=1.0 if r < 0.24 else 0
        )
    places = np.clip(rng.normal(0, (0.15, 0.12), (60, 2)), -0.26, 0.2)
    light = np.clip(0.95 - 0.9 * places[:, 0] - 1.5 * places[:, 1] + rng.normal(0, 0.1, 60), 0.6, 1.3)
    for i in light.argsort():
        dx, dy = places[i]
        sheet.ellipse(x + dx * tall, foot + (dy - 0.67) * tall, 0.055 * tall, 0.04 * tall, light[i] * colour)


def fir(sheet: Sheet, x: float, foot: float, tall: float, colour: Colour, snow: bool = False) -> None:
    """A fir of four skirts, snow on them or not."""
    sheet.box(x - 0.04 * tall, foot - 0.16 * tall, x + 0.04 * tall, foot, WOOD, 0.6)
    for i in range(4):
        low, half = foot - (0.12 + 0.2 * i) * tall, (0.25 - 0.045 * i) * tall
        top = low - 0.34 * tall
        sheet.shape([(x - half, low), (x, top), (x + half, low), (x, low + 0.04 * tall)], colour, 0.6)
        if snow:
            white = [
                (x - 0.62 * half, low - 0.12 * tall),
                (x, top),
                (x + 0.5 * half, low - 0.16 * tall),
                (x, low - 0.08 * tall),
            ]
            sheet.polygon(white, rgb("f2f6fa"))


def flower(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.36, -1.06, 0.36, 0.02)
    sheet.stroke([(0, 0), (0.02, -0.3), (0.0, -0.66)], 0.045, LEAF)
    for side, y in ((-1, -0.12), (1, -0.22)):
        sheet.shape(rounded([(0.01, y), (side * 0.16, y - 0.2), (side * 0.34, y - 0.16), (side * 0.2, y - 0.02)]), LEAF)
    for angle in np.arange(0, 2 * np.pi, 2 * np.pi / 7):
        sheet.oval(0.2 * np.sin(angle), -0.74 - 0.2 * np.cos(angle), 0.085, 0.125, it.colour, angle)
    heart = rgb("f7c530") if it.colour[2] > 0.3 or it.colour[1] < 0.4 else rgb("7a4a26")
    sheet.oval(0, -0.74, 0.125, 0.125, heart)
    for x, y in it.rng.normal(0, 0.045, (14, 2)):
        sheet.ellipse(x, -0.74 + y, 0.014, 0.014, 0.7 * heart)
    return [Part(sheet)]


def cactus(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.44, -1.04, 0.44, 0.02)
    arms = ([(-0.02, -0.34), (-0.3, -0.36), (-0.32, -0.68)], [(0.02, -0.46), (0.28, -0.48), (0.3, -0.8)])
    for points in arms:
        sheet.stroke(points, 0.14, 0.9 * it.colour)
    sheet.stroke([(0, 0), (0, -0.88)], 0.22, it.colour)
    for x in (-0.06, 0.0, 0.06):
        sheet.line([(x, -0.02), (x, -0.92)], 0.018, 0.68 * it.colour)
    for x, low, high in ((-0.32, -0.4, -0.7), (0.3, -0.52, -0.82)):
        sheet.line([(x, low), (x, high)], 0.018, 0.68 * it.colour)
    for x, y in (
        (-0.12, -0.2),
        (0.11, -0.32),
        (-0.12, -0.55),
        (0.12, -0.7),
        (-0.03, -0.8),
        (0.04, -0.12),
        (0.03, -0.5),
    ):
        sheet.line([(x - 0.03, y), (x + 0.03, y - 0.02)], 0.012, CREAM)
    for angle in (-0.6, 0.0, 0.6):
        sheet.oval(0.06 * np.sin(angle), -0.98, 0.028, 0.045, rgb("f06a9a"), angle, edge=0.5)
    return [Part(sheet)]


def mushroom(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.62, -1.04, 0.62, 0.02)
    sheet.shape(rounded([(-0.2, 0.02), (-0.14, -0.5), (0.14, -0.5), (0.22, 0.02)], 2), CREAM)
    sheet.oval(0, -0.46, 0.5, 0.1, 0.8 * CREAM)
    angle = np.linspace(-np.pi, 0, 40)
    sheet.shape(np.stack([0.58 * np.cos(angle), -0.46 + 0.54 * np.sin(angle)], 1), it.colour)
    spot = CREAM if it.colour.mean() < 0.8 else rgb("c9a27a")
    for x, y, r in (
        (-0.3, -0.64, 0.09),
        (0.02, -0.82, 0.1),
        (0.3, -0.66, 0.08),
        (0.02, -0.58, 0.07),
        (-0.18, -0.88, 0.05),
    ):
        sheet.ellipse(x, y, r, 0.85 * r, spot)
    return [Part(sheet)]
