"""Media that print: screens, carved blocks and flat inks."""

import cv2
import numpy as np

from impasto.scenes.noise import Picture, Plane, blur, displaced, fractal, grid, mix, smoothstep, stretched, white
from impasto.scenes.palettes import ink_colour, oklch, paper_colour, ramp, random_palette
from impasto.scenes.styles.strokes import rough
from impasto.scenes.styles.toolkit import (
    clusters,
    contours,
    direction,
    flat_areas,
    kuwahara,
    luma,
    paper,
    printed,
    recoloured,
    rotated,
    saturated,
    smeared,
    strands,
    tone,
    unit,
)


def _screen(amount: Plane, period: float, angle: float, shape: str) -> Plane:
    """Halftone [H, W], 1 = ink: dots or lines that grow with `amount`, antialiased."""
    across, along = rotated(amount.shape, angle)
    a, b = np.cos(2 * np.pi * across / period), np.cos(2 * np.pi * along / period)
    spot = 0.5 + 0.25 * (a + b) if shape == "dots" else 0.5 + 0.5 * a
    soft = 1.3 / period  # about a pixel of edge at the steepest part of the spot
    return smoothstep(-soft, soft, amount - 1 + np.clip(spot, 0.02, 0.98))


def halftone(subject: Picture, rng: np.random.Generator) -> Picture:
    """Process colours screened at the printer's angles, or one ink alone."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    period = rng.uniform(4, 8.5) * u
    shape = rng.choice(["dots", "dots", "lines"])
    sheet = paper(rng, size)
    subject = blur(subject, 0.25 * period)
    if rng.random() < 0.35:
        back = paper(rng, size, oklch(rng.uniform(0.75, 0.95), rng.uniform(0.02, 0.16), rng.random()))
        dots = _screen(1 - tone(subject) ** 0.9, period, rng.choice([0.785, 0.26, 0.0]), shape)
        return np.clip(printed(back, ink_colour(rng, 0.6), dots), 0, 1)
    colours = saturated(recoloured(subject, rng, 0.6), rng.uniform(1.1, 1.7))
    cmy = 1 - colours
    black = 0.8 * cmy.min(-1) ** 1.5
    for plate, ink, angle in zip(
        [*np.moveaxis(np.clip(cmy - 0.7 * black[..., None], 0, 1), -1, 0), black],
        np.array([[0.05, 0.62, 0.86], [0.9, 0.12, 0.5], [0.99, 0.9, 0.1], [0.1, 0.09, 0.1]], np.float32),
        (0.26, 1.31, 0.0, 0.785),
        strict=True,
    ):
        shift = rng.normal(0, 0.5 * u, 2)  # plates never meet exactly
        plate = displaced(plate, np.full(size, shift[0], np.float32), np.full(size, shift[1], np.float32))
        sheet = printed(sheet, ink, _screen(plate, period, angle, shape))
    return np.clip(sheet, 0, 1)


def woodcut(subject: Picture, rng: np.random.Generator) -> Picture:
    """A carved block: bold blacks, white gouges that follow the forms, chatter in the cleared ground."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    gray = tone(kuwahara(subject, 5 * u), 5, 95)
    gray = smeared(gray, direction(gray, 3 * u), 4 * u)
    hand = direction(blur(gray, 2 * u), 6 * u, rough(rng, size, 100 * u))
    gouges = strands(rng, hand, rng.uniform(12, 20) * u, rng.uniform(1.6, 2.6) * u)
    edge = 0.45 + 0.24 * np.tanh(gouges)
    block = smoothstep(0.05, -0.05, gray - edge + 0.03 * fractal(rng, size, 8 * u, 2))
    block = np.maximum(block, contours(gray, 1.5 * u, 0.02, 0.01))
    chatter = smoothstep(1.9, 2.2, strands(rng, hand, 8 * u, 1.5 * u)) * smoothstep(0.75, 0.9, gray)
    block = np.maximum(block, 0.9 * chatter)
    grain = stretched(rng, size, (2.2 * u, 90 * u), 3)
    block = block * (0.9 + 0.1 * np.tanh(1.5 * grain))
    sheet = paper(rng, size, oklch(rng.uniform(0.86, 0.96), rng.uniform(0.01, 0.05), rng.normal(0.23, 0.03)))
    if rng.random() < 0.5:  # a second block in colour under the key block
        tint = oklch(rng.uniform(0.6, 0.8), rng.uniform(0.06, 0.16), rng.random())
        sheet = printed(sheet, tint, smoothstep(0.8, 0.7, blur(gray, u) + 0.1 * grain))
    return np.clip(printed(sheet, ink_colour(rng, 0.3), block), 0, 1)


def poster(subject: Picture, rng: np.random.Generator) -> Picture:
    """A few flat colours in clean large shapes."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    calm = kuwahara(kuwahara(subject, 6 * u), 5 * u)
    count = int(rng.integers(4, 9))
    centres = clusters(calm, count, rng)
    colours = random_palette(rng, count, dark=0.18, chroma=(0.05, 0.2)) if rng.random() < 0.75 else centres
    flat = flat_areas(calm, centres, colours, tidy=max(int(4 * u), 1))
    if rng.random() < 0.4:
        flat = flat * (1 + 0.03 * white(rng, size)[..., None])
    return np.clip(flat * paper(rng, size, np.array([1, 1, 1], np.float32), 0.01), 0, 1)


def cartoon(subject: Picture, rng: np.random.Generator) -> Picture:
    """Cel shading: saturated areas in three or four lights, even dark outlines."""
    u = unit(subject.shape[:2])
    calm = kuwahara(kuwahara(recoloured(subject, rng, 0.6), 5 * u), 4 * u)
    gray = luma(calm)
    steps = rng.integers(3, 6)
    level = gray * steps
    # Antialiased staircase: flat treads, short risers.
    stairs = (np.floor(level) + smoothstep(0.44, 0.56, level % 1) + 0.25) / (steps + 0.3)
    cel = saturated(calm * (stairs / np.maximum(gray, 0.04))[..., None], rng.uniform(1.1, 1.7))
    weight = rng.uniform(0.9, 1.7) * u
    ink = contours(tone(kuwahara(subject, 5 * u)), weight, 0.016, 0.006)
    ink = np.maximum(ink, contours(gray, weight, 0.016, 0.006))
    return np.clip(mix(np.clip(cel, 0, 1), ink_colour(rng, 0.3), ink), 0, 1)


_WOODBLOCK = [
    (0.3, 0.09, 0.72), (0.45, 0.1, 0.69), (0.62, 0.08, 0.62), (0.75, 0.06, 0.3), (0.55, 0.08, 0.36),
    (0.62, 0.17, 0.09), (0.78, 0.09, 0.17), (0.85, 0.07, 0.24), (0.93, 0.03, 0.24), (0.7, 0.02, 0.2),
]  # fmt: skip
"""OKLCh of the pigments: Prussian blues, greens, vermilion, ochres, bare paper, gray."""


def ukiyo_e(subject: Picture, rng: np.random.Generator) -> Picture:
    """Flat pigments within thin blue-black lines, wiped gradients, the grain of the block."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    y, _ = grid(size)
    calm = kuwahara(kuwahara(subject, 6 * u), 5 * u)
    count = int(rng.integers(5, 9))
    centres = clusters(calm, count, rng)
    pigments = oklch(*(np.array(_WOODBLOCK) + rng.normal(0, (0.03, 0, 0.01), (len(_WOODBLOCK), 3))).T)
    chosen = pigments[rng.permutation(len(pigments))[:count]]
    chosen = chosen[luma(chosen).argsort()]
    flat = flat_areas(calm, centres, chosen, tidy=max(int(5 * u), 1))
    # Bokashi: the printer wipes the ink from the block towards one edge.
    wiped = smoothstep(rng.uniform(0.2, 0.5), 0, y / size[0]) if rng.random() < 0.7 else smoothstep(0.6, 1, y / size[0])
    flat = flat * mix(np.ones(3, np.float32), pigments[rng.integers(0, 3)], 0.75 * wiped)
    grain = stretched(rng, size, (1.8 * u, 120 * u), 3)
    flat = flat * (1 + 0.03 * np.tanh(grain)[..., None])
    gray = tone(calm)
    key = contours(blur(gray, 0.7 * u), rng.uniform(0.7, 1.2) * u, 0.012, 0.006)
    key = displaced(key, 0.7 * u * fractal(rng, size, 20 * u, 2), 0.7 * u * fractal(rng, size, 20 * u, 2))
    return np.clip(printed(flat * paper(rng, size, roughness=0.015) ** 0.6, oklch(0.22, 0.04, 0.7), 0.92 * key), 0, 1)


_SPOTS = [
    (0.68, 0.2, 0.02), (0.6, 0.17, 0.7), (0.88, 0.17, 0.28), (0.7, 0.15, 0.45),
    (0.72, 0.19, 0.12), (0.45, 0.17, 0.77), (0.3, 0.03, 0.7), (0.62, 0.2, 0.07),
]  # fmt: skip
"""OKLCh of spot inks: fluorescent pink, blue, yellow, green, orange, violet, black, red."""


def risograph(subject: Picture, rng: np.random.Generator) -> Picture:
    """Two or three bright spot inks, each a grainy plate of its own, printed out of register."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    subject = kuwahara(subject, 3 * u)
    gray = tone(subject)
    count = int(rng.integers(2, 4))
    inks = [oklch(*_SPOTS[i]) for i in rng.permutation(len(_SPOTS))[:count]]
    inks.sort(key=lambda ink: -float(luma(ink)))
    sheet = paper(rng, size, paper_colour(rng), 0.012)
    for i, ink in enumerate(inks):
        # Light inks print the mid tones broadly, the darkest one only the shadows.
        channel = subject[..., i % 3] if rng.random() < 0.5 else gray
        amount = np.clip(1.15 - channel * (1.1 + 0.5 * i), 0, 1)
        shift = rng.normal(0, 1.3 * u, 2)
        amount = displaced(amount, np.full(size, shift[0], np.float32), np.full(size, shift[1], np.float32))
        if rng.random() < 0.5:
            amount = _screen(amount, rng.uniform(3.5, 5.5) * u, rng.uniform(0, 1.5), "dots")
        else:
            grain = blur(white(rng, size), 0.55 * u)
            amount = smoothstep(-0.22, 0.22, amount - 0.5 - 0.2 * grain / grain.std())
        worn = 0.9 + 0.1 * np.tanh(fractal(rng, size, 50 * u, 5, 0.8))
        sheet = printed(sheet, ink, np.clip(amount * worn, 0, 1))
    return np.clip(sheet, 0, 1)


def pixel_art(subject: Picture, rng: np.random.Generator) -> Picture:
    """A small grid of square pixels in few colours, with ordered dither."""
    h, w = subject.shape[:2]
    block = max(int(rng.integers(3, 7) * unit((h, w))), 2)
    small = cv2.resize(recoloured(subject, rng, 0.5), (-(-w // block), -(-h // block)), interpolation=cv2.INTER_AREA)
    small = saturated(small, 1.2)
    bayer = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) / 16 - 0.47
    tiled = np.tile(bayer, (small.shape[0] // 4 + 1, small.shape[1] // 4 + 1))[: small.shape[0], : small.shape[1]]
    small = small + rng.choice([0.0, 0.08, 0.14]) * tiled[..., None]
    count = int(rng.integers(6, 22))
    palette = clusters(small, count, rng)
    if rng.random() < 0.3:
        palette = ramp(random_palette(rng, 6, chroma=(0.05, 0.2)), luma(palette))
    scores = ((small[:, :, None] - palette) ** 2).sum(-1)
    picture = palette[scores.argmin(-1)]
    return np.clip(np.repeat(np.repeat(picture, block, 0), block, 1)[:h, :w], 0, 1).astype(np.float32)


def duotone(subject: Picture, rng: np.random.Generator) -> Picture:
    """Two inks along the whole tone scale, with a photographic grain."""
    size = subject.shape[:2]
    palette = random_palette(rng, 3, dark=0.2, light=0.95, chroma=(0.08, 0.2))
    curve = np.clip(0.5 + (tone(subject) - 0.5) * rng.uniform(1, 1.5), 0, 1)
    grain = blur(white(rng, size), 0.6 * unit(size))
    return np.clip(
        ramp(palette, curve + 0.05 * grain / grain.std()) * paper(rng, size, np.array([1, 1, 1], np.float32)), 0, 1
    )
