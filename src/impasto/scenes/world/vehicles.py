"""Vehicles, seen from the side."""

import numpy as np

from impasto.scenes.palettes import rgb
from impasto.scenes.world.colours import CREAM, DARK, GLASS, LAMP, METAL, WOOD
from impasto.scenes.world.plane import affine
from impasto.scenes.world.sheet import Part, Sitter, hinged, rounded


def car(it: Sitter) -> list[Part]:
    body = it.sheet(-1.25, -1.05, 1.25, 0.0)
    body.shape(rounded([(-0.8, -0.52), (-0.56, -1.0), (0.3, -1.0), (0.66, -0.52)], 2), it.colour)
    for pane in ([(-0.6, -0.58), (-0.46, -0.88), (-0.12, -0.88), (-0.12, -0.58)],
                 [(-0.02, -0.58), (-0.02, -0.88), (0.22, -0.88), (0.46, -0.58)]):  # fmt: skip
        body.shape(pane, it.glow(LAMP) if it.light.dark else GLASS, 0.7)
    body.shape(
        rounded([(-1.2, -0.2), (-1.22, -0.56), (-0.6, -0.6), (0.6, -0.6), (1.12, -0.5), (1.22, -0.2)], 2), it.colour
    )
    body.line([(-0.08, -0.54), (-0.08, -0.26)], 0.02, 0.55 * it.colour)
    body.line([(0.02, -0.46), (0.14, -0.46)], 0.035, CREAM)
    body.line([(-1.1, -0.24), (1.1, -0.24)], 0.05, 0.5 * it.colour)
    body.oval(1.1, -0.42, 0.07, 0.07, it.glow(rgb("fff3b0")), edge=0.6)
    body.oval(-1.14, -0.44, 0.05, 0.07, it.glow(rgb("e23b3b")), edge=0.6)
    return [Part(body), _wheel(it, -0.66, 0.23), _wheel(it, 0.68, 0.23)]


def bus(it: Sitter) -> list[Part]:
    body = it.sheet(-1.2, -1.02, 1.2, 0.0)
    body.shape(_block(-1.15, -0.98, 1.15, -0.16, 0.1), it.colour)
    body.box(-1.12, -0.5, 1.12, -0.43, CREAM, 0)
    for x in (-0.98, -0.6, -0.22, 0.16):
        body.shape(_block(x, -0.86, x + 0.3, -0.56, 0.04), it.glow(LAMP) if it.light.dark else GLASS, 0.7)
    body.shape(_block(0.54, -0.86, 0.76, -0.2, 0.03), GLASS, 0.7)
    body.shape(_block(0.88, -0.86, 1.12, -0.52, 0.05), GLASS, 0.7)
    body.oval(1.08, -0.3, 0.05, 0.06, it.glow(rgb("fff3b0")), edge=0.6)
    return [Part(body), _wheel(it, -0.7, 0.17), _wheel(it, 0.36, 0.17), _wheel(it, 0.86, 0.17)]


def truck(it: Sitter) -> list[Part]:
    body = it.sheet(-1.2, -1.02, 1.2, 0.0)
    body.box(-1.14, -0.26, 1.1, -0.16, DARK)
    body.box(-1.16, -0.98, 0.42, -0.26, CREAM)
    for x in np.arange(-1.0, 0.4, 0.2):
        body.line([(x, -0.94), (x, -0.3)], 0.015, 0.8 * CREAM)
    body.box(-1.12, -0.72, 0.38, -0.52, it.colour, 0)
    body.shape(
        rounded([(0.48, -0.2), (0.48, -0.86), (0.86, -0.86), (1.06, -0.5), (1.16, -0.44), (1.16, -0.2)], 1), it.colour
    )
    body.shape(
        [(0.66, -0.52), (0.66, -0.78), (0.82, -0.78), (0.96, -0.52)], it.glow(LAMP) if it.light.dark else GLASS, 0.7
    )
    body.oval(1.12, -0.33, 0.04, 0.06, it.glow(rgb("fff3b0")), edge=0.6)
    return [Part(body), *(_wheel(it, x, 0.18) for x in (-0.84, -0.42, 0.78))]


def boat(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.6, -1.05, 0.62, 0.06)
    sheet.stroke([(0.02, -0.16), (0.02, -1.0)], 0.025, WOOD)
    sheet.shape(_bowed((0.0, -0.96), (-0.46, -0.28), (0.0, -0.24), -0.08), CREAM)
    sheet.shape(_bowed((0.05, -0.9), (0.46, -0.28), (0.05, -0.28), 0.05), it.colour)
    sheet.shape([(0.02, -1.04), (0.17, -0.99), (0.02, -0.94)], it.colour, 0.6)
    for y in (-0.72, -0.5):
        sheet.line([(-0.02, y), (-0.28 - 0.24 * (y + 0.6), y + 0.03)], 0.012, 0.8 * CREAM)
    sheet.shape([(-0.56, -0.22), (0.6, -0.24), (0.42, 0.02), (-0.42, 0.02)], it.colour)
    sheet.line([(-0.55, -0.2), (0.58, -0.22)], 0.035, CREAM)
    for x in (-0.2, 0.0, 0.2):
        sheet.ellipse(x, -0.1, 0.03, 0.03, CREAM)
    sheet.line([(-0.5, 0.03), (0.52, 0.03)], 0.045, CREAM, 0.85)
    return [Part(sheet)]


def bicycle(it: Sitter) -> list[Part]:
    frame = it.sheet(-0.9, -1.08, 0.95, 0.0)
    rear, front, crank, seat, head = (-0.5, -0.34), (0.54, -0.34), (-0.06, -0.34), (-0.2, -0.84), (0.38, -0.86)
    for a, b in ((rear, crank), (crank, seat), (seat, head), (crank, head), (seat, rear), (head, front)):
        frame.stroke([a, b], 0.05, it.colour)
    frame.stroke([head, (0.34, -1.0), (0.48, -1.02)], 0.045, DARK)
    frame.stroke([(-0.34, -0.9), (-0.08, -0.88)], 0.07, WOOD)
    frame.oval(-0.06, -0.34, 0.08, 0.08, METAL)
    pedals = it.sheet(-0.22, -0.22, 0.22, 0.22)
    pedals.stroke([(0, -0.17), (0, 0.17)], 0.03, METAL)
    for y in (-0.18, 0.18):
        pedals.stroke([(-0.05, y), (0.05, y)], 0.035, DARK)
    spokes = [_bicycle_wheel(it, *hub) for hub in (rear, front)]
    return [*spokes, Part(frame), hinged(pedals, *crank, lambda t: it.way(t) / 0.7)]


def balloon(it: Sitter) -> list[Part]:
    sheet = it.sheet(-0.4, -1.02, 0.4, 0.02)
    for x in (-0.1, 0.1):
        sheet.line([(2.0 * x, -0.42), (x, -0.14)], 0.014, DARK)
    angle = np.linspace(-np.pi, 0, 30)
    for wide, colour in ((0.37, it.colour), (0.27, CREAM), (0.16, it.colour), (0.06, CREAM)):
        dome = np.stack([wide * np.cos(angle), -0.64 + 0.35 * np.sin(angle)], 1)
        skirt = [(0.93 * wide, -0.53), (0.3 * wide + 0.01, -0.3), (-0.3 * wide - 0.01, -0.3), (-0.93 * wide, -0.53)]
        sheet.shape(np.vstack([dome, skirt]), colour, 1.0 if wide == 0.37 else 0.4)
    sheet.shape([(-0.11, -0.15), (0.11, -0.15), (0.09, 0.0), (-0.09, 0.0)], WOOD)
    sheet.line([(-0.1, -0.09), (0.1, -0.09)], 0.015, 0.6 * WOOD)
    return [Part(sheet)]


def plane(it: Sitter) -> list[Part]:
    sheet = it.sheet(-1.4, -1.05, 1.45, 0.05)
    sheet.shape([(-0.1, -0.52), (-0.5, -0.86), (-0.28, -0.86), (0.35, -0.52)], 0.7 * it.colour)
    sheet.shape([(-0.86, -0.56), (-1.34, -1.02), (-1.08, -1.02), (-0.5, -0.6)], it.colour)
    sheet.shape(rounded([(-1.3, -0.62), (-0.6, -0.7), (0.9, -0.7), (1.4, -0.46), (0.9, -0.26), (-0.5, -0.28)]), CREAM)
    sheet.shape(rounded([(-1.2, -0.48), (0.9, -0.46), (1.3, -0.42), (0.9, -0.27), (-0.5, -0.29)]), it.colour, 0)
    for x in np.arange(-0.6, 0.8, 0.2):
        sheet.oval(x, -0.55, 0.055, 0.06, it.glow(LAMP) if it.light.dark else GLASS, edge=0.5)
    sheet.shape([(0.96, -0.52), (0.92, -0.64), (1.1, -0.6), (1.2, -0.52)], GLASS, 0.6)
    sheet.shape([(0.26, -0.38), (-0.24, 0.0), (-0.56, 0.0), (-0.3, -0.38)], 0.9 * it.colour)
    sheet.shape([(-0.86, -0.46), (-1.26, -0.3), (-1.4, -0.3), (-1.16, -0.48)], 0.9 * it.colour, 0.8)
    return [Part(sheet)]


def rocket(it: Sitter) -> list[Part]:
    flame = it.sheet(-0.16, -0.05, 0.16, 0.3)
    flame.polygon(rounded([(-0.11, -0.03), (0.11, -0.03), (0.0, 0.36)]), it.glow(rgb("ff9a2e")))
    flame.polygon(rounded([(-0.06, -0.02), (0.06, -0.02), (0.0, 0.22)]), it.glow(rgb("fff0a0")))
    flicker = it.swing(5.0, 0.25)
    sheet = it.sheet(-0.34, -1.04, 0.34, 0.02)
    for side in (-1, 1):
        sheet.shape([(side * 0.12, -0.42), (side * 0.32, -0.12), (side * 0.3, 0.0), (side * 0.1, -0.12)], it.colour)
    sheet.shape([(-0.1, -0.12), (0.1, -0.12), (0.12, -0.02), (-0.12, -0.02)], METAL)
    hull = rounded(
        [(0.0, -1.08), (0.14, -0.86), (0.19, -0.5), (0.14, -0.08), (-0.14, -0.08), (-0.19, -0.5), (-0.14, -0.86)], 2
    )
    sheet.shape(hull, CREAM)
    sheet.shape(hull[hull[:, 1] < -0.74], it.colour, 0.7)
    sheet.box(-0.135, -0.26, 0.135, -0.18, it.colour, 0)
    sheet.oval(0, -0.56, 0.085, 0.085, METAL)
    sheet.oval(0, -0.56, 0.055, 0.055, GLASS, edge=0)
    sheet.shape([(-0.03, -0.36), (0.03, -0.36), (0.03, 0.0), (-0.03, 0.0)], it.colour, 0.7)
    burning = [] if it.motion == "still" else [Part(flame, lambda t: affine(0, -0.03, tall=0.85 + flicker(t)))]
    return [*burning, Part(sheet)]


def _block(left: float, top: float, right: float, bottom: float, corner: float) -> np.ndarray:
    """A box whose corners are cut round."""
    c = corner
    return rounded([(left, top + c), (left + c, top), (right - c, top), (right, top + c),
                    (right, bottom - c), (right - c, bottom), (left + c, bottom), (left, bottom - c)], 1)  # fmt: skip


def _bowed(top: tuple, tip: tuple, foot: tuple, belly: float) -> np.ndarray:
    """A sail: a triangle whose long side bends outwards by `belly`."""
    share = np.linspace(0, 1, 12)[:, None]
    leech = np.array(top) + (np.array(tip) - top) * share
    leech[:, 0] += (belly * np.sin(np.pi * share))[:, 0]
    return np.vstack([leech, [foot]])


def _wheel(it: Sitter, x: float, radius: float) -> Part:
    """A wheel that rolls on the ground as far as the thing goes."""
    sheet = it.sheet(*(radius * np.array([-1.15, -1.15, 1.15, 1.15])))
    sheet.ellipse(0, 0, radius, radius, DARK)
    sheet.oval(0, 0, 0.62 * radius, 0.62 * radius, METAL, edge=0)
    for angle in np.arange(0, np.pi, np.pi / 3):
        c, s = 0.6 * radius * np.cos(angle), 0.6 * radius * np.sin(angle)
        sheet.line([(-c, -s), (c, s)], 0.16 * radius, 0.55 * METAL)
    sheet.ellipse(0, 0, 0.18 * radius, 0.18 * radius, DARK)
    return hinged(sheet, x, -radius, lambda t: it.way(t) / radius)


def _bicycle_wheel(it: Sitter, x: float, y: float) -> Part:
    sheet = it.sheet(-0.4, -0.4, 0.4, 0.4)
    turn = np.linspace(0, 2 * np.pi, 40)
    for angle in np.arange(0, np.pi, np.pi / 5):
        c, s = 0.3 * np.cos(angle), 0.3 * np.sin(angle)
        sheet.line([(-c, -s), (c, s)], 0.018, METAL)
    sheet.line(np.stack([0.31 * np.cos(turn), 0.31 * np.sin(turn)], 1), 0.055, DARK)
    return hinged(sheet, x, y, lambda t: it.way(t) / 0.34)
