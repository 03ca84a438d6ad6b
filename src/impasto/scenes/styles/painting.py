"""Media that paint: oil, points, pastel, watercolour, ink wash, gouache-like washes."""

import numpy as np

from impasto.scenes.noise import Picture, blur, displaced, fractal, mix, smoothstep, stretched
from impasto.scenes.palettes import oklch
from impasto.scenes.styles.strokes import brush_marks, rough, scattered, stamp, taken, varied
from impasto.scenes.styles.toolkit import (
    contours,
    direction,
    kuwahara,
    paper,
    printed,
    recoloured,
    relief,
    saturated,
    smeared,
    strands,
    tone,
    tooth,
    unit,
)


def oil(subject: Picture, rng: np.random.Generator) -> Picture:
    """Short thick strokes along the forms, the paint's ridges catching the light."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    colours = saturated(recoloured(subject, rng, 0.5), 1.2)
    angle = direction(tone(colours), 5 * u, rough(rng, size, 90 * u))
    canvas, height = blur(colours, 5 * u), np.zeros(size, np.float32)
    width = rng.uniform(5, 9) * u
    long = rng.uniform(2.2, 4)
    for scale, spacing in ((1.5, 1.15), (0.8, 0.95)):
        wide = width * scale
        marks = brush_marks(rng, long * wide, wide, rng.uniform(0.5, 1))
        places = scattered(rng, size, spacing * wide * 1.25)
        mean = taken(blur(colours, 0.35 * wide), places)
        turn = taken(angle, places) + rng.normal(0, 0.2, len(places))
        stamp(canvas, height, marks, places, turn, varied(rng, mean, 0.08, 0.025), 0.95)
    lit = relief(4 * height, rng.uniform(0.15, 0.4), rng.uniform(0.6, 2.4) + np.pi)
    return np.clip(canvas * lit[..., None], 0, 1)


def pointillism(subject: Picture, rng: np.random.Generator) -> Picture:
    """Dots of purer, divided colours over a toned ground, light ones last."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    colours = saturated(recoloured(subject, rng, 0.6), rng.uniform(1.2, 1.8))
    calm = kuwahara(colours, 3 * u)
    ground = oklch(rng.uniform(0.6, 0.92), 0.03, rng.random())
    canvas, height = mix(calm, np.broadcast_to(ground, calm.shape), 0.6).astype(np.float32), np.zeros(size, np.float32)
    dot = rng.uniform(3.4, 6.5) * u
    for spacing in (1.05, 1.2):
        marks = brush_marks(rng, 1.25 * dot, dot, 0.2, 0.0)
        places = scattered(rng, size, spacing * dot)
        mixed = varied(rng, taken(calm, places), 0.1, 0.05)
        other = rng.random(len(places)) < 0.15  # the divided colour: a dot of the complement beside its neighbours
        mixed[other] = np.clip(mix(mixed[other], mixed[other].mean(1, keepdims=True) * 2 - mixed[other], 0.8), 0, 1)
        stamp(canvas, height, marks, places, rng.uniform(0, np.pi, len(places)), mixed)
        dot *= 0.85
    return np.clip(canvas * relief(3 * height, 0.12, 4.0)[..., None], 0, 1)


def pastel(subject: Picture, rng: np.random.Generator) -> Picture:
    """Chalk dragged over toned paper: colour only on the peaks of the grain, strokes in loose directions."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    colours = saturated(recoloured(subject, rng, 0.5), rng.uniform(1, 1.4))
    ground = oklch(rng.uniform(0.25, 0.75), rng.uniform(0.01, 0.06), rng.random())
    sheet = paper(rng, size, ground, 0.03)
    hand = direction(tone(colours), 6 * u, rough(rng, size, 90 * u))
    chalk = smeared(kuwahara(colours, 6 * u), hand, 8 * u)
    chalk = chalk + 0.05 * np.stack([strands(rng, hand, 14 * u, 2 * u) for _ in range(2)], -1).mean(-1, keepdims=True)
    drag = strands(rng, hand, 16 * u, 2.5 * u)
    pressure = 0.66 + 0.22 * drag + 0.1 * fractal(rng, size, 40 * u, 2)
    cover = smoothstep(-0.35, 0.35, pressure - tooth(rng, size, 1.7 * u))
    drawn = mix(sheet, np.clip(1.08 * chalk + 0.03, 0, 1), 0.95 * cover)
    edge = contours(tone(colours), 1.5 * u, 0.014) * smoothstep(0.2, 0.7, tooth(rng, size, 2 * u) + 0.2)
    return np.clip(mix(drawn, ground * 0.45, 0.5 * edge), 0, 1)


def _wet(picture: Picture, rng: np.random.Generator, reach: float, cell: float) -> Picture:
    """Shapes as water leaves them: borders that creep along the paper."""
    size = picture.shape[:2]
    return displaced(picture, reach * fractal(rng, size, cell, 4, 0.7), reach * fractal(rng, size, cell, 4, 0.7))


def watercolour(subject: Picture, rng: np.random.Generator) -> Picture:
    """Transparent washes with dark rims, granulating pigment, blooms, bare white paper."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    colours = saturated(recoloured(subject, rng, 0.55), rng.uniform(1.1, 1.7))
    washes = [kuwahara(kuwahara(colours, r * u), r * u) for r in (9, 4)]
    loose, fine = (_wet(wash, rng, reach * u, 30 * u) for wash, reach in zip(washes, (4, 1.5), strict=True))
    washed = np.clip(0.5 * loose + 0.5 * fine, 0.02, 1)
    gray = tone(washed)
    # Light tones are left to the paper; pigment gathers where a wash dries last, at its rim.
    strength = 0.45 + 0.75 * smoothstep(1, 0.2, gray)
    levels = np.floor(gray * 5 + 0.12 * fractal(rng, size, 35 * u, 3))
    rim = np.abs(blur(levels, 0.7 * u) - blur(levels, 2.2 * u))
    blooms = 0.16 * fractal(rng, size, 45 * u, 4)
    grain = fractal(rng, size, 2.4 * u, 2, 0.8)
    pigment = strength * (1 + 0.9 * rim + blooms) + 0.1 * grain * smoothstep(0.95, 0.5, gray)
    sheet = paper(rng, size, oklch(0.975, 0.012, 0.24), 0.012)
    painted = sheet * np.clip(1.02 * washed + 0.03, 0.03, 1) ** np.clip(pigment, 0.1, 2)[..., None]
    bare = smoothstep(0.84, 0.96, gray + 0.05 * fractal(rng, size, 18 * u, 3))
    painted = mix(painted, sheet, bare)
    if rng.random() < 0.4:  # line and wash
        ink = contours(tone(kuwahara(subject, 3 * u)), 0.8 * u, 0.014)
        ink = displaced(ink, 0.8 * u * grain, 5 * u * blooms)
        painted = printed(painted, oklch(0.25, 0.03, rng.random()), 0.8 * ink)
    return np.clip(painted, 0, 1)


def ink_wash(subject: Picture, rng: np.random.Generator) -> Picture:
    """Black ink thinned with water on absorbent paper: pooled grays, feathered edges, a few dry dark strokes."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    gray = tone(kuwahara(kuwahara(subject, 7 * u), 5 * u))
    bled = _wet(gray, rng, 3.5 * u, 26 * u)
    steps = 4 * bled + 0.15 * fractal(rng, size, 40 * u, 3)
    pooled = (np.floor(steps) + smoothstep(0.2, 0.8, steps % 1)) / 4
    rim = np.abs(blur(np.floor(steps), 0.8 * u) - blur(np.floor(steps), 2.5 * u))
    ink = 0.85 * np.clip(1 - pooled, 0, 1) ** 1.5 + 0.22 * rim + 0.05 * fractal(rng, size, 12 * u, 4)
    hand = direction(gray, 4 * u, rough(rng, size, 90 * u))
    stroke = smeared(contours(blur(gray, 1.2 * u), 2.2 * u, 0.014, 0.01), hand, 5 * u)
    dry = smoothstep(-0.9, 0.6, strands(rng, hand, 14 * u, u))
    ink = ink + 0.9 * _wet(stroke, rng, 1.2 * u, 14 * u) * dry
    fibres = 0.02 * stretched(rng, size, (1.5 * u, 30 * u), 2) + 0.02 * stretched(rng, size, (30 * u, 1.5 * u), 2)
    sheet = paper(rng, size, oklch(rng.uniform(0.86, 0.96), rng.uniform(0.01, 0.04), 0.23), 0.015)
    sheet = sheet * (1 + fibres[..., None])
    black = oklch(0.14, rng.uniform(0, 0.03), rng.choice([0.1, 0.7]))
    painted = printed(sheet, black, np.clip(ink, 0, 0.97))
    if rng.random() < 0.35:  # one accent of colour, where the subject has most of it
        spread = blur(subject.max(-1) - subject.min(-1), 4 * u)
        some, most = map(float, np.percentile(spread, (85, 99)))
        accent = smoothstep(some, most + 1e-3, spread) * smoothstep(0.15, 0.5, gray)
        painted = printed(painted, oklch(0.55, 0.17, rng.choice([0.08, 0.12, 0.4, 0.68])), 0.75 * accent)
    return np.clip(painted, 0, 1)
