"""Media that draw: pen, crosshatching, engraving, pencil, charcoal. Tone becomes marks of one colour on paper."""

import numpy as np

from impasto.scenes.noise import Picture, blur, displaced, fractal, mix, smoothstep
from impasto.scenes.palettes import ink_colour, oklch, paper_colour
from impasto.scenes.styles.strokes import rough
from impasto.scenes.styles.toolkit import (
    contours,
    direction,
    kuwahara,
    lines,
    paper,
    printed,
    rotated,
    smeared,
    strands,
    tone,
    tooth,
    unit,
)


def pen_and_ink(subject: Picture, rng: np.random.Generator) -> Picture:
    """Wobbling contour lines of two weights, short parallel strokes in the darks, much bare paper."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    gray = tone(kuwahara(subject, 4 * u))
    ink = np.maximum(contours(gray, 0.7 * u, 0.012), contours(blur(gray, 1.5 * u), 1.6 * u, 0.014))
    wobble = 0.9 * u
    ink = displaced(ink, wobble * fractal(rng, size, 14 * u, 2), wobble * fractal(rng, size, 14 * u, 2))
    angle = rng.uniform(0, np.pi)
    across, _ = rotated(size, angle)
    across = across + 1.2 * u * fractal(rng, size, 25 * u, 2)
    period = rng.uniform(2.8, 4.5) * u
    dark = smoothstep(rng.uniform(0.3, 0.5), 0.1, blur(gray, u) + 0.08 * fractal(rng, size, 18 * u, 2))
    ink = np.maximum(ink, lines(across, period, 0.36 * dark))
    if rng.random() < 0.35:
        ink = np.maximum(ink, smoothstep(0.14, 0.08, gray))  # spotted blacks
    ink = ink * (0.85 + 0.15 * np.tanh(fractal(rng, size, 6 * u, 2)))
    sheet, colour = paper(rng, size), ink_colour(rng)
    if rng.random() < 0.15:  # scratchboard: white lines on black
        return np.clip(mix(paper(rng, size, colour), paper_colour(rng), ink), 0, 1)
    return np.clip(printed(sheet, colour, ink), 0, 1)


def crosshatch(subject: Picture, rng: np.random.Generator) -> Picture:
    """Layers of parallel lines at several angles; each darker tone adds a layer."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    gray = blur(tone(kuwahara(subject, 3 * u)), 0.6 * u) ** rng.uniform(0.7, 1.1)
    base, period = rng.uniform(0, np.pi), rng.uniform(3.2, 6.5) * u
    layers = int(rng.integers(3, 6))
    ink = 0.9 * contours(gray, 0.9 * u, 0.014)
    patches = 0.06 * fractal(rng, size, 22 * u, 2)
    for layer, turn in enumerate((0, 0.5, 0.25, 0.75, 0.12)[:layers]):
        across, along = rotated(size, base + np.pi * turn + rng.normal(0, 0.06))
        sway = 0.22 * period * fractal(rng, size, 40 * u, 2) + 0.8 * u * np.sin(along / (70 * u) * np.pi + layer)
        limit = 0.9 * (layers - layer) / (layers + 0.4)
        depth = smoothstep(limit, limit - 0.35, gray + patches)
        strokes = lines(across + sway, period, 0.12 + 0.3 * depth) * smoothstep(0, 0.15, depth)
        pressure = 0.8 + 0.25 * np.tanh(fractal(rng, size, 9 * u, 2))
        ink = 1 - (1 - ink) * (1 - strokes * pressure)
    return np.clip(printed(paper(rng, size), ink_colour(rng), ink), 0, 1)


def engraving(subject: Picture, rng: np.random.Generator) -> Picture:
    """Swelling parallel lines that bend over the forms, crossed by a second set in the darks."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    gray = blur(tone(subject), 0.7 * u)
    period = rng.uniform(2.8, 4.6) * u
    form = blur(gray, 7 * u) + 0.25 * fractal(rng, size, 120 * u, 1)
    bulge = rng.uniform(3, 8) * period
    angle = rng.uniform(0, np.pi)
    dark = np.clip(1.02 - gray, 0, 1) ** rng.uniform(0.8, 1.2)
    across, _ = rotated(size, angle)
    ink = lines(across + bulge * form, period, 0.06 + 0.86 * dark)
    across, _ = rotated(size, angle + rng.uniform(0.5, 1.2))
    cross = lines(across - bulge * form, period, 0.75 * smoothstep(0.5, 0.95, dark))
    ink = 1 - (1 - ink) * (1 - cross) * (1 - 0.9 * contours(gray, 0.8 * u, 0.02))
    return np.clip(printed(paper(rng, size), ink_colour(rng, 0.5), ink), 0, 1)


def pencil(subject: Picture, rng: np.random.Generator) -> Picture:
    """Graphite: soft contours, hatching in one hand's direction, the paper's tooth showing through."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    gray = tone(kuwahara(subject, 2 * u))
    soft = blur(gray, 6 * u)
    dodge = np.clip(gray / np.clip(soft, 0.08, 1), 0, 1)  # keeps what is darker than its surroundings: edges
    hand = np.float32(rng.uniform(0.5, 1.1)) + 0.1 * fractal(rng, size, 90 * u, 1)
    hatch = strands(rng, hand, 11 * u, 0.8 * u)
    steep = strands(rng, hand + 0.6, 9 * u, 0.8 * u)
    shade = np.clip(1 - blur(gray, 1.5 * u), 0, 1) ** 1.3
    graphite = 0.75 * shade * (0.55 + 0.4 * hatch) + 0.35 * smoothstep(0.55, 0.9, shade) * (0.6 + 0.5 * steep)
    graphite = graphite + 1.5 * (1 - dodge) + 0.6 * contours(gray, 0.8 * u, 0.012)
    graphite = np.clip(graphite, 0, 1.3) * (0.65 + 0.7 * tooth(rng, size, 1.6 * u))
    lead = oklch(rng.uniform(0.22, 0.38), rng.uniform(0, 0.015), 0.7)
    if rng.random() < 0.15:  # red chalk
        lead = oklch(0.45, 0.12, 0.1)
    return np.clip(mix(paper(rng, size, roughness=0.012), lead, np.clip(graphite, 0, 1) * rng.uniform(0.75, 1)), 0, 1)


def charcoal(subject: Picture, rng: np.random.Generator) -> Picture:
    """Broad smudged darks on rough paper, heavy broken lines, lights lifted out with an eraser."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    gray = tone(kuwahara(subject, 5 * u))
    hand = direction(gray, 5 * u, rough(rng, size, 80 * u))
    smudge = smeared(blur(gray, 2.5 * u), hand, 9 * u)
    sweep = strands(rng, hand, 14 * u, 2.2 * u)
    coal = 0.95 * np.clip(1 - smudge, 0, 1) ** 1.2 + 0.14 * sweep * smoothstep(1, 0.4, smudge)
    line = contours(blur(gray, u), 1.8 * u, 0.012, 0.012)
    coal = coal + 0.8 * line * (0.6 + 0.4 * np.tanh(fractal(rng, size, 8 * u, 2)))
    grain = tooth(rng, size, 2.2 * u)
    # Coal sits on the peaks of the paper first and fills the pits only under pressure.
    coal = 0.4 * np.clip(coal, 0, 1) + 0.6 * smoothstep(-0.3, 0.3, np.clip(coal, 0, 1.2) - grain)
    sheet = paper(rng, size, oklch(rng.uniform(0.78, 0.95), rng.uniform(0.005, 0.03), 0.22), 0.02)
    drawn = printed(sheet, oklch(0.17, 0.005, 0.2), np.clip(coal, 0, 1))
    if rng.random() < 0.5:  # white heightening
        lights = smoothstep(0.8, 0.97, smudge) * smoothstep(0.35, 0.75, grain + 0.15 * sweep)
        drawn = mix(drawn, np.array([0.98, 0.97, 0.95], np.float32), 0.85 * lights)
    return np.clip(drawn, 0, 1)
