"""Animals, seen from the side."""

import numpy as np

from impasto.scenes.palettes import rgb
from impasto.scenes.world.colours import CREAM, DARK
from impasto.scenes.world.plane import affine
from impasto.scenes.world.sheet import Colour, Part, Sheet, Sitter, hinged, rounded

_BEAK = rgb("f0a030")


def cat(it: Sitter) -> list[Part]:
    body = it.sheet(-0.6, -1.08, 0.75, 0.05)
    body.oval(-0.06, -0.44, 0.44, 0.21, it.colour)
    for x in (-0.28, -0.14, 0.0):
        body.line([(x, -0.63), (x + 0.03, -0.48)], 0.05, 0.68 * it.colour)
    body.oval(0.02, -0.32, 0.28, 0.07, _pale(it.colour), edge=0)
    for x in (0.3, 0.52):
        body.shape([(x - 0.09, -0.82), (x - 0.02, -1.04), (x + 0.1, -0.84)], it.colour)
        body.polygon([(x - 0.04, -0.84), (x - 0.01, -0.96), (x + 0.05, -0.85)], rgb("f0a8a8"))
    body.oval(0.42, -0.7, 0.22, 0.19, it.colour)
    body.oval(0.5, -0.63, 0.1, 0.07, _pale(it.colour), edge=0)
    for x in (0.37, 0.53):
        body.ellipse(x, -0.73, 0.05, 0.055, rgb("d9e86a"))
        body.ellipse(x + 0.01, -0.73, 0.022, 0.05, DARK)
    body.polygon([(0.46, -0.66), (0.54, -0.66), (0.5, -0.62)], rgb("d9717a"))
    for y in (-0.64, -0.59):
        body.line([(0.55, -0.62), (0.72, y)], 0.012, CREAM)
        body.line([(0.44, -0.62), (0.28, y)], 0.012, CREAM)
    tail = it.sheet(-0.32, -0.62, 0.08, 0.08)
    tail.stroke(rounded([(0, 0), (-0.14, -0.04), (-0.2, -0.25), (-0.14, -0.45), (-0.22, -0.55), (-0.14, -0.45),
                         (-0.2, -0.25), (-0.14, -0.04)]), 0.07, it.colour)  # fmt: skip
    far, near = _legs(it, (-0.34, 0.2), 0.34, 0.11)
    return [hinged(tail, -0.45, -0.48, it.swing(0.7, 0.2)), *far, Part(body), *near]


def dog(it: Sitter) -> list[Part]:
    body = it.sheet(-0.62, -1.08, 0.85, 0.05)
    body.oval(-0.06, -0.5, 0.46, 0.2, it.colour)
    body.shape(rounded([(0.12, -0.55), (0.26, -0.95), (0.55, -0.85), (0.42, -0.4)]), it.colour, 0.6)
    body.oval(0.02, -0.4, 0.28, 0.08, _pale(it.colour), edge=0)
    body.oval(0.42, -0.82, 0.2, 0.18, it.colour)
    body.oval(0.62, -0.75, 0.17, 0.1, _pale(it.colour))
    body.oval(0.76, -0.79, 0.05, 0.045, DARK, edge=0)
    body.line([(0.58, -0.69), (0.74, -0.7)], 0.018, DARK)
    body.eye(0.5, -0.87, 0.035)
    body.oval(0.3, -0.78, 0.08, 0.19, 0.6 * it.colour, 0.25)
    body.line([(0.2, -0.6), (0.43, -0.52)], 0.06, rgb("d8433c") if it.colour[0] < 0.6 else rgb("3d6fc0"))
    tail = it.sheet(-0.4, -0.4, 0.08, 0.08)
    tail.stroke([(0, 0), (-0.14, -0.1), (-0.24, -0.28)], 0.08, it.colour)
    far, near = _legs(it, (-0.36, 0.24), 0.4, 0.12)
    return [hinged(tail, -0.46, -0.56, it.swing(1.8, 0.3)), *far, Part(body), *near]


def horse(it: Sitter) -> list[Part]:
    mane = 0.45 * it.colour + 0.02
    body = it.sheet(-0.55, -1.08, 0.72, 0.0)
    body.shape(rounded([(-0.5, -0.76), (-0.1, -0.7), (0.3, -0.78), (0.34, -0.5), (-0.1, -0.44), (-0.46, -0.46)]),
               it.colour)  # fmt: skip
    body.shape(rounded([(0.08, -0.68), (0.3, -1.0), (0.44, -1.04), (0.46, -0.86), (0.3, -0.5), (0.16, -0.52)]),
               it.colour, 0.7)  # fmt: skip
    body.shape(rounded([(0.33, -1.06), (0.5, -1.0), (0.68, -0.82), (0.66, -0.74), (0.56, -0.74), (0.36, -0.86)]),
               it.colour)  # fmt: skip
    body.shape([(0.34, -1.0), (0.36, -1.08), (0.42, -1.01)], it.colour)
    body.shape(rounded([(0.38, -1.06), (0.3, -1.04), (0.1, -0.72), (0.16, -0.66), (0.3, -0.84)]), mane, 0.5)
    body.eye(0.47, -0.94, 0.025)
    body.ellipse(0.63, -0.8, 0.014, 0.014, DARK)
    tail = it.sheet(-0.22, -0.06, 0.08, 0.5)
    tail.shape(rounded([(0, -0.04), (-0.12, 0.02), (-0.18, 0.44), (-0.08, 0.46), (0.02, 0.06)]), mane)
    far, near = _legs(it, (-0.38, 0.24), 0.52, 0.095, hoof=DARK)
    return [hinged(tail, -0.46, -0.68, it.swing(0.8, 0.18)), *far, Part(body), *near]


def elephant(it: Sitter) -> list[Part]:
    body = it.sheet(-0.68, -1.02, 0.85, 0.0)
    body.shape(rounded([(-0.66, -0.86), (-0.1, -1.0), (0.3, -0.9), (0.32, -0.36), (-0.1, -0.28), (-0.64, -0.34)]),
               it.colour)  # fmt: skip
    body.line([(-0.6, -0.7), (-0.66, -0.4)], 0.035, 0.6 * it.colour)
    body.oval(0.42, -0.72, 0.24, 0.25, it.colour)
    body.shape(rounded([(0.5, -0.8), (0.68, -0.66), (0.7, -0.3), (0.82, -0.16), (0.76, -0.08), (0.6, -0.2),
                        (0.54, -0.5)]), it.colour)  # fmt: skip
    body.shape(rounded([(0.5, -0.52), (0.58, -0.5), (0.78, -0.44), (0.6, -0.42)]), CREAM, 0.7)
    body.eye(0.54, -0.77, 0.028)
    ear = it.sheet(-0.3, -0.3, 0.12, 0.32)
    ear.shape(rounded([(0.06, -0.26), (-0.26, -0.26), (-0.24, 0.12), (-0.06, 0.28), (0.08, 0.02)]), 0.84 * it.colour)
    far, near = _legs(it, (-0.48, 0.14), 0.42, 0.17)
    return [*far, Part(body), *near, hinged(ear, 0.32, -0.72, it.swing(0.6, 0.12))]


def sheep(it: Sitter) -> list[Part]:
    face = rgb("3a3840") if it.colour.mean() > 0.4 else rgb("8a7a6c")
    body = it.sheet(-0.62, -1.05, 0.78, 0.0)
    fleece = [(x, y) for x in (-0.4, -0.2, 0.0, 0.2) for y in (-0.76, -0.5)]
    for x, y in [*fleece, (-0.5, -0.62), (0.32, -0.62), (-0.1, -0.84)]:
        body.oval(x, y, 0.17, 0.16, it.colour)
    body.oval(-0.08, -0.63, 0.4, 0.19, it.colour, edge=0)
    for x, y in [*fleece, (0.1, -0.63), (-0.3, -0.63)]:
        body.line([(x - 0.06, y), (x, y - 0.05), (x + 0.06, y)], 0.02, 0.86 * it.colour)
    body.oval(0.36, -0.86, 0.1, 0.05, face, 0.5)
    body.oval(0.52, -0.76, 0.13, 0.19, face, -0.35)
    body.oval(0.44, -0.93, 0.13, 0.1, it.colour)
    body.ellipse(0.54, -0.82, 0.03, 0.03, CREAM)
    body.ellipse(0.55, -0.82, 0.015, 0.015, DARK)
    far, near = _legs(it, (-0.34, 0.16), 0.4, 0.09, face)
    return [*far, Part(body), *near]


def bird(it: Sitter) -> list[Part]:
    body = it.sheet(-0.95, -0.9, 0.95, -0.05)
    body.shape([(-0.4, -0.5), (-0.92, -0.6), (-0.86, -0.44), (-0.92, -0.3), (-0.4, -0.36)], 0.75 * it.colour)
    body.oval(0.0, -0.44, 0.5, 0.25, it.colour, -0.1)
    body.oval(0.1, -0.34, 0.34, 0.13, _pale(it.colour), -0.1, edge=0)
    body.shape([(0.66, -0.62), (0.92, -0.52), (0.66, -0.46)], _BEAK)
    body.oval(0.5, -0.58, 0.22, 0.2, it.colour)
    body.eye(0.57, -0.62, 0.045)
    parts = []
    for shade, lag in ((0.62, 0.25), (0.85, 0.0)):
        wing = it.sheet(-0.5, -0.95, 0.42, 0.12)
        wing.shape(rounded([(0.24, 0.06), (0.3, -0.2), (-0.1, -0.72), (-0.5, -0.95), (-0.36, -0.4), (-0.24, 0.06)]),
                   shade * it.colour)  # fmt: skip
        for x in (-0.28, -0.14, 0.02):
            wing.line([(x, -0.5), (x + 0.12, -0.08)], 0.022, 0.6 * it.colour)
        parts.append(_flapping(it, wing, 0.02 + lag / 3, -0.52, lag))
    return [parts[0], Part(body), parts[1]]


def duck(it: Sitter) -> list[Part]:
    body = it.sheet(-0.8, -1.05, 0.85, 0.08)
    body.shape(
        rounded([(-0.74, -0.56), (-0.3, -0.42), (0.2, -0.46), (0.5, -0.4), (0.46, 0.04), (-0.42, 0.04)]), it.colour
    )
    body.shape(rounded([(0.1, -0.36), (0.18, -0.8), (0.5, -0.8), (0.5, -0.3)]), it.colour, 0.6)
    body.shape(rounded([(0.5, -0.86), (0.84, -0.76), (0.82, -0.66), (0.5, -0.66)]), _BEAK)
    body.oval(0.36, -0.8, 0.23, 0.21, it.colour)
    body.eye(0.44, -0.85, 0.045)
    body.shape(rounded([(-0.5, -0.42), (0.2, -0.42), (0.16, -0.12), (-0.2, -0.08)]), 0.82 * it.colour, 0.7)
    body.line([(-0.55, 0.03), (0.6, 0.03)], 0.05, CREAM, 0.8)
    return [Part(body)]


def fish(it: Sitter) -> list[Part]:
    fin = 0.75 * it.colour
    body = it.sheet(-0.7, -1.02, 0.9, 0.02)
    body.shape(rounded([(-0.3, -0.72), (0.0, -1.0), (0.4, -0.86), (0.3, -0.6)]), fin)
    body.shape(rounded([(0.0, -0.3), (-0.2, 0.0), (0.24, -0.1), (0.3, -0.3)]), fin)
    body.shape(
        rounded([(-0.66, -0.5), (-0.3, -0.84), (0.4, -0.86), (0.9, -0.5), (0.4, -0.14), (-0.3, -0.18)]), it.colour
    )
    for x, h in ((-0.12, 0.24), (0.14, 0.27)):
        body.line([(x, -0.5 - h), (x + 0.06, -0.5), (x, -0.5 + h)], 0.08, _pale(it.colour))
    body.line([(0.4, -0.68), (0.34, -0.5), (0.4, -0.34)], 0.025, 0.6 * it.colour)
    body.ellipse(0.58, -0.56, 0.08, 0.08, np.ones(3))
    body.eye(0.6, -0.56, 0.05)
    body.line([(0.78, -0.44), (0.7, -0.4)], 0.025, 0.4 * it.colour)
    tail = it.sheet(-0.5, -0.42, 0.12, 0.42)
    tail.shape(rounded([(0.1, -0.08), (-0.46, -0.5), (-0.3, 0.0), (-0.46, 0.5), (0.1, 0.08)], 2), fin)
    beat = it.swing(1.6, 0.4)
    return [Part(tail, lambda t: affine(-0.54, -0.5, wide=0.75 + 0.6 * beat(t))), Part(body)]


def butterfly(it: Sitter) -> list[Part]:
    beat = it.swing(2.2, 0.32)
    parts = []
    for side, shade in ((-1, 0.85), (1, 1.0)):
        wing = it.sheet(-0.05, -0.55, 0.72, 0.5)
        wing.shape(rounded([(0, -0.02), (0.14, -0.5), (0.68, -0.58), (0.66, -0.1), (0.1, 0.04)]), shade * it.colour)
        wing.shape(rounded([(0, 0), (0.5, 0.0), (0.56, 0.4), (0.24, 0.5), (0.04, 0.2)]), 0.8 * shade * it.colour)
        for x, y, r in ((0.44, -0.32, 0.1), (0.5, -0.13, 0.05), (0.33, 0.2, 0.08)):
            wing.ellipse(x, y, r, r, _pale(it.colour))
            wing.ellipse(x, y, 0.5 * r, 0.5 * r, DARK)
        parts.append(Part(wing, lambda t, side=side: affine(0, -0.48, 0.15, wide=side * (0.68 + beat(t)))))
    body = it.sheet(-0.3, -1.02, 0.4, 0.0)
    for x in (-0.12, 0.2):
        body.line([(0.02, -0.78), (0.5 * x, -0.94), (x, -0.98)], 0.025, DARK)
    body.oval(0.0, -0.46, 0.06, 0.32, rgb("4c3c34"), 0.15)
    body.oval(0.03, -0.78, 0.07, 0.07, rgb("4c3c34"))
    return [*parts, Part(body)]


def _pale(colour: Colour) -> Colour:
    """The colour of a belly."""
    return colour + 0.5 * (1 - colour)


def _flapping(it: Sitter, wing: Sheet, x: float, y: float, lag: float) -> Part:
    """A wing that beats about its shoulder, seen from the side: it goes up and down through its own plane."""
    beat = it.swing(2.4, 0.85)
    return Part(wing, lambda t: affine(x, y, 0.1, tall=0.25 + beat(t - 0.1 * lag), lean=0.15))


def _legs(
    it: Sitter, places: tuple[float, float], length: float, width: float, colour: Colour | None = None,
    hoof: Colour | None = None,
) -> tuple[list[Part], list[Part]]:  # fmt: skip
    """The far and the near pair of legs, hind and fore, `length` from the ground to where they hang."""
    colour = it.colour if colour is None else colour
    pairs = []
    for shade, shift, delay in ((0.66, 0.13, 0.0), (0.96, 0.0, np.pi)):
        pair = []
        for i, x in enumerate(places):
            leg = it.sheet(-0.2, -1.3 * width, 0.2, length + 0.04)
            half, tip = 0.5 * width, length - 0.02
            leg.shape(rounded([(-1.5 * half, -0.8 * width), (1.5 * half, -0.8 * width), (0.9 * half, 0.45 * length),
                               (0.8 * half, tip), (-0.8 * half, tip), (-0.9 * half, 0.45 * length)], 2),
                      shade * colour)  # fmt: skip
            # No line between leg and body.
            leg.oval(0.0, -0.5 * width, 1.7 * half, 0.75 * width, shade * colour, edge=0)
            leg.oval(0.25 * half, tip - 0.02, 1.15 * half, 0.035, shade * (colour if hoof is None else hoof), edge=0.6)
            pair.append(hinged(leg, x + shift, -length, it.stride(1.5 * length, 0.42, delay + 2.2 * i)))
        pairs.append(pair)
    return pairs[0], pairs[1]
