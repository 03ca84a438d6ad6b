"""Simple things."""

import numpy as np

from impasto.scenes.noise import mix
from impasto.scenes.palettes import rgb
from impasto.scenes.world.colours import CREAM, WOOD
from impasto.scenes.world.sheet import Part, Sitter, rounded


def ball(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.54, -1.04, 0.54, 0.04)
    sheet.oval(0, -0.5, 0.5, 0.5, it.colour)
    angle = np.linspace(-1.25, 1.25, 16)
    for side in (-1, 1):
        sheet.polygon(
            np.vstack([
                np.stack([side * (0.66 - 0.5 * np.cos(angle)), -0.5 + 0.49 * np.sin(angle)], 1),
                np.stack([side * (0.8 - 0.5 * np.cos(angle)), -0.5 + 0.4 * np.sin(angle)], 1)[::-1],
            ]),
            CREAM if it.colour.mean() < 0.85 else rgb("5aa0d8"),
        )  # fmt: skip
    sheet.ellipse(-0.18, -0.72, 0.1, 0.07, np.ones(3), 0.6)
    return [Part(sheet)]


def cube(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.58, -1.04, 0.58, 0.03)
    faces = (
        ([(0.0, -0.99), (0.52, -0.76), (0.0, -0.53), (-0.52, -0.76)], 1.18),
        ([(-0.52, -0.76), (0.0, -0.53), (0.0, 0.0), (-0.52, -0.23)], 0.95),
        ([(0.52, -0.76), (0.0, -0.53), (0.0, 0.0), (0.52, -0.23)], 0.66),
    )
    for corners, light in faces:
        sheet.shape(corners, np.clip(light * it.colour, 0, 1))
    return [Part(sheet)]


def star(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.56, -1.04, 0.56, 0.02)
    angle = np.arange(10) * np.pi / 5
    radius = np.where(np.arange(10) % 2 == 0, 0.53, 0.23)
    tips = np.stack([radius * np.sin(angle), -0.48 - radius * np.cos(angle)], 1)
    sheet.shape(rounded(tips, 1), it.colour)
    for i in range(0, 10, 2):
        sheet.polygon([(0, -0.48), tips[i] * 0.93 + (0, -0.034), tips[(i + 1) % 10]], 0.84 * it.colour)
    return [Part(sheet)]


def heart(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.58, -1.02, 0.58, 0.04)
    s = np.linspace(0, 2 * np.pi, 60)
    y = 13 * np.cos(s) - 5 * np.cos(2 * s) - 2 * np.cos(3 * s) - np.cos(4 * s)
    sheet.shape(np.stack([0.033 * 16 * np.sin(s) ** 3, -0.57 - 0.033 * y], 1), it.colour)
    sheet.oval(-0.25, -0.76, 0.09, 0.06, mix(it.colour, np.ones(3), 0.6), -0.6, edge=0)
    return [Part(sheet)]


def umbrella(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.6, -1.06, 0.6, 0.02)
    sheet.stroke([(0, -0.9), (0, -0.12), (0.04, -0.03), (0.12, -0.03), (0.15, -0.12)], 0.035, WOOD)
    angle = np.linspace(-np.pi, 0, 41)
    dome = np.stack([0.56 * np.cos(angle), -0.5 + 0.46 * np.sin(angle)], 1)
    hem = np.linspace(0.56, -0.56, 41)
    rim = np.stack([hem, -0.5 - 0.05 * np.abs(np.sin(hem / 0.56 * 2 * np.pi))], 1)
    sheet.shape(np.vstack([dome, rim]), it.colour)
    stripe = CREAM if it.colour.mean() < 0.85 else rgb("d8d0c2")
    for a, b in ((-0.28, -0.02), (0.28, 0.56)):
        upper = np.stack([np.linspace(a, b, 12), -0.5 - 0.46 * np.sqrt(1 - (np.linspace(a, b, 12) / 0.561) ** 2)], 1)
        sheet.polygon(
            np.vstack([upper[:1] * (0, 1) + (0.25 * a, 0), [(0, -0.94)], [(b, -0.52), (a, -0.52)]]), stripe, 0.75
        )
    sheet.stroke([(0, -0.95), (0, -1.03)], 0.025, WOOD)
    return [Part(sheet)]


def cup(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.5, -1.02, 0.72, 0.04)
    turn = np.linspace(-1.9, 1.9, 20)
    sheet.stroke(np.stack([0.4 + 0.22 * np.cos(turn), -0.48 + 0.24 * np.sin(turn)], 1), 0.08, 0.9 * it.colour)
    sheet.shape([(-0.44, -0.86), (0.44, -0.86), (0.38, -0.08), (0.3, 0.0), (-0.3, 0.0), (-0.38, -0.08)], it.colour)
    sheet.box(-0.42, -0.6, 0.42, -0.46, CREAM if it.colour.mean() < 0.85 else rgb("5b8fd0"), 0)
    sheet.oval(0, -0.86, 0.44, 0.12, np.clip(1.1 * it.colour, 0, 1))
    sheet.oval(0, -0.84, 0.37, 0.085, rgb("5a3823"), edge=0.4)
    return [Part(sheet)]


def kite(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.42, -1.04, 0.42, 0.03)
    top, left, right, tip, middle = (0.0, -1.0), (-0.36, -0.68), (0.36, -0.68), (0.0, -0.28), (0.0, -0.68)
    tail = np.linspace(0, 1, 14)
    sheet.line(np.stack([0.07 * np.sin(9 * tail), -0.28 + 0.28 * tail], 1), 0.02, CREAM)
    for share in (0.35, 0.7):
        x, y = 0.07 * np.sin(9 * share), -0.28 + 0.28 * share
        for side in (-1, 1):
            sheet.shape([(x, y), (x + side * 0.09, y - 0.045), (x + side * 0.09, y + 0.045)], it.colour, 0.5)
    sheet.shape([top, right, tip, left], it.colour)
    other = CREAM if it.colour.mean() < 0.85 else rgb("e0554a")
    sheet.polygon([top, right, middle], other)
    sheet.polygon([left, middle, tip], other)
    sheet.line([top, tip], 0.018, WOOD)
    sheet.line([left, right], 0.018, WOOD)
    return [Part(sheet)]


def gift(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.52, -1.04, 0.52, 0.03)
    ribbon = rgb("f8e3a0") if it.colour.mean() < 0.8 else rgb("d94848")
    sheet.box(-0.42, -0.6, 0.42, 0.0, it.colour)
    sheet.box(-0.48, -0.76, 0.48, -0.58, it.colour)
    sheet.box(-0.08, -0.76, 0.08, 0.0, ribbon, 0.5)
    for side in (-1, 1):
        sheet.shape(rounded([(0, -0.76), (side * 0.1, -1.04), (side * 0.4, -1.0), (side * 0.3, -0.78)]), ribbon)
    return [Part(sheet)]
