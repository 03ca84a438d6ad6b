"""Buildings, seen from the front."""

import numpy as np

from impasto.scenes.palettes import rgb
from impasto.scenes.world.colours import CREAM, GLASS, LAMP, METAL, WOOD
from impasto.scenes.world.plane import affine
from impasto.scenes.world.sheet import Part, Sheet, Sitter, hinged

_ROOF, _STONE = rgb("a5503c"), rgb("a9a29a")


def house(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.68, -1.05, 0.68, 0.02)
    sheet.box(0.26, -1.0, 0.4, -0.6, _STONE)
    sheet.box(-0.5, -0.56, 0.5, 0.0, it.colour)
    for y in np.arange(-0.48, 0, 0.09):
        sheet.line([(-0.49, y), (0.49, y)], 0.01, 0.82 * it.colour)
    sheet.shape([(-0.66, -0.52), (-0.4, -0.92), (0.4, -0.92), (0.66, -0.52)], _contrast(it))
    for y in (-0.82, -0.72, -0.62):
        sheet.line([(-0.4 - 0.65 * (y + 0.92), y), (0.4 + 0.65 * (y + 0.92), y)], 0.012, 0.7 * _contrast(it))
    _door(sheet, 0.0, 0.1, 0.38)
    for x in (-0.32, 0.32):
        _window(sheet, it, x, -0.32, 0.11, 0.12)
    return [Part(sheet)]


def tower(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.32, -1.04, 0.34, 0.02)
    sheet.box(-0.19, -0.76, 0.19, 0.0, it.colour)
    _bricks(sheet, it, -0.19, 0.19, -0.72, 0.0)
    sheet.box(-0.25, -0.82, 0.25, -0.7, 0.9 * it.colour)
    for x in (-0.25, -0.11, 0.03, 0.17):
        sheet.box(x, -0.9, x + 0.08, -0.81, 0.9 * it.colour)
    sheet.stroke([(0, -0.82), (0, -1.02)], 0.015, WOOD)
    sheet.shape([(0, -1.03), (0.2, -0.97), (0, -0.91)], rgb("e0453c") if it.colour[0] < 0.8 else rgb("3f6fc4"), 0.6)
    _door(sheet, 0.0, 0.075, 0.18)
    for y in (-0.34, -0.56):
        _window(sheet, it, 0.0, y, 0.045, 0.07)
    return [Part(sheet)]


def windmill(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.34, -0.92, 0.34, 0.02)
    sheet.shape([(-0.25, 0.0), (-0.15, -0.64), (0.15, -0.64), (0.25, 0.0)], it.colour)
    for y in (-0.16, -0.34, -0.5):
        sheet.line([(-0.24 - 0.15 * y, y), (0.24 + 0.15 * y, y)], 0.01, 0.8 * it.colour)
    sheet.shape([(-0.19, -0.62), (-0.1, -0.78), (0.1, -0.78), (0.19, -0.62)], _contrast(it))
    _door(sheet, 0.0, 0.07, 0.2)
    _window(sheet, it, 0.0, -0.4, 0.05, 0.06)
    sails = it.sheet(-0.46, -0.46, 0.46, 0.46)
    for angle in np.arange(0.4, 2 * np.pi, np.pi / 2):
        turn = affine(angle=angle)[:, :2].T
        sails.stroke(np.array([(0, 0), (0, -0.43)]) @ turn, 0.022, WOOD)
        sails.shape(np.array([(0.015, -0.12), (0.12, -0.12), (0.12, -0.43), (0.015, -0.43)]) @ turn, CREAM, 0.6)
        for y in (-0.2, -0.28, -0.36):
            sails.line(np.array([(0.015, y), (0.12, y)]) @ turn, 0.01, WOOD)
    sails.oval(0, 0, 0.035, 0.035, METAL)
    rate = 1.4 if it.motion == "turn" else 0.0
    return [Part(sheet), hinged(sails, 0.0, -0.66, lambda t: rate * t + it.phase)]


def lighthouse(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.3, -1.04, 0.3, 0.02)
    sheet.shape([(-0.28, 0.02), (-0.2, -0.08), (0.2, -0.09), (0.29, 0.02)], _STONE)
    edge = np.linspace(-0.06, -0.72, 6)
    half = 0.17 + 0.09 * edge
    for i in range(5):
        a, b, top, low = half[i], half[i + 1], edge[i + 1], edge[i]
        sheet.shape([(-a, low), (-b, top), (b, top), (a, low)], CREAM if i % 2 else it.colour, 0.8)
    sheet.box(-0.15, -0.75, 0.15, -0.71, _STONE)
    sheet.ellipse(0, -0.83, 0.17, 0.14, it.glow(LAMP), 0.35)
    sheet.box(-0.085, -0.9, 0.085, -0.75, it.glow(rgb("fff2b8")))
    sheet.line([(0, -0.9), (0, -0.75)], 0.015, _STONE)
    sheet.shape([(-0.12, -0.89), (0, -1.02), (0.12, -0.89)], it.colour)
    _door(sheet, 0.0, 0.045, 0.17)
    for y in (-0.34, -0.56):
        sheet.oval(0, y, 0.025, 0.04, rgb("54627a"), edge=0.5)
    return [Part(sheet)]


def castle(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.74, -1.05, 0.74, 0.02)
    roof = _contrast(it)
    sheet.box(-0.5, -0.44, 0.5, 0.0, it.colour)
    _bricks(sheet, it, -0.5, 0.5, -0.42, 0.0)
    for x in np.arange(-0.46, 0.4, 0.16):
        sheet.box(x, -0.51, x + 0.09, -0.43, it.colour)
    for x, top, half in ((-0.54, -0.6, 0.13), (0.54, -0.6, 0.13), (0.0, -0.7, 0.15)):
        sheet.box(x - half, top, x + half, 0.0, it.colour)
        _bricks(sheet, it, x - half, x + half, top, 0.0)
        sheet.shape([(x - 1.35 * half, top + 0.01), (x, top - 0.3), (x + 1.35 * half, top + 0.01)], roof)
        _window(sheet, it, x, top + 0.15, 0.035, 0.06)
    _door(sheet, 0.0, 0.09, 0.26)
    return [Part(sheet)]


def tent(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.8, -1.04, 0.8, 0.02)
    sheet.shape([(-0.76, 0.0), (0.0, -0.92), (0.76, 0.0)], it.colour)
    for x in (-0.5, 0.5):
        sheet.shape([(x - 0.1, 0.0), (0.0, -0.9), (x + 0.1, 0.0)], CREAM, 0)
    sheet.shape([(-0.2, 0.0), (0.0, -0.62), (0.2, 0.0)], it.glow(0.6 * LAMP) if it.light.dark else rgb("4a3a34"))
    sheet.shape([(-0.2, 0.0), (0.0, -0.62), (-0.28, -0.06)], 0.85 * it.colour, 0.7)
    sheet.stroke([(0, -0.9), (0, -1.02)], 0.02, WOOD)
    sheet.shape([(0, -1.03), (0.17, -0.97), (0, -0.92)], it.colour, 0.7)
    return [Part(sheet)]


def _contrast(it: Sitter) -> np.ndarray:
    """A roof that differs from its walls."""
    return _ROOF if np.abs(it.colour - _ROOF).sum() > 0.6 else rgb("56657a")


def _door(sheet: Sheet, x: float, half: float, tall: float) -> None:
    angle = np.linspace(-np.pi, 0, 12)
    arch = np.stack([x + half * np.cos(angle), -tall + half * (1 + np.sin(angle))], 1)
    sheet.shape(np.vstack([[(x - half, 0)], arch, [(x + half, 0)]]), WOOD, 0.8)
    sheet.ellipse(x + 0.5 * half, -0.45 * tall, 0.14 * half, 0.14 * half, LAMP)


def _window(sheet: Sheet, it: Sitter, x: float, y: float, half: float, high: float) -> None:
    sheet.box(x - half, y - high, x + half, y + high, it.glow(LAMP) if it.light.dark else GLASS, 0.8)
    sheet.line([(x, y - high), (x, y + high)], 0.2 * half, CREAM)
    sheet.line([(x - half, y), (x + half, y)], 0.2 * half, CREAM)


def _bricks(sheet: Sheet, it: Sitter, left: float, right: float, top: float, bottom: float) -> None:
    """A few stones that differ from the rest."""
    for _ in range(int(60 * (right - left) * (bottom - top)) + 5):
        x, y = it.rng.uniform(left, right - 0.07), it.rng.uniform(top, bottom - 0.04)
        sheet.box(x, y, x + 0.06, y + 0.03, it.rng.uniform(0.76, 0.92) * it.colour, 0)
