"""Image processing that several media share: tone, flat areas, contour lines, stroke direction, paper.

Legend: H height, W width. Planes and pictures as in `impasto.scenes.noise`. Lengths are pixels of a picture
whose short side is 256; `unit` turns them into pixels of the picture at hand.
"""

import cv2
import numpy as np

from impasto.scenes.noise import Picture, Plane, Size, blur, fractal, grid, mix, smoothstep, white
from impasto.scenes.palettes import paper_colour, ramp, random_palette


def unit(size: Size) -> float:
    """Pixels for each 1/256 of the short side."""
    return min(size) / 256


def luma(rgb: Picture) -> Plane:
    return rgb @ np.array([0.299, 0.587, 0.114], np.float32)


def tone(rgb: Picture, low: float = 2, high: float = 98) -> Plane:
    """Luminance stretched so that its percentiles `low` and `high` become 0 and 1: drawings use the whole range."""
    gray = luma(rgb)
    dark, bright = map(float, np.percentile(gray[::3, ::3], (low, high)))
    return np.clip((gray - dark) / max(bright - dark, 0.05), 0, 1)


def saturated(rgb: Picture, factor: float) -> Picture:
    """Distances from gray scaled by `factor`."""
    return np.clip(mix(luma(rgb)[..., None], rgb, factor), 0, 1)


def recoloured(rgb: Picture, rng: np.random.Generator, keep: float = 0.4) -> Picture:
    """The subject's own colours with probability `keep`, else moved towards a random palette by its luminance."""
    if rng.random() < keep:
        return saturated(rgb, rng.uniform(0.8, 1.4))
    palette = random_palette(rng, int(rng.integers(4, 7)))
    return np.clip(mix(rgb, ramp(palette, tone(rgb)), rng.uniform(0.4, 0.95)), 0, 1)


def kuwahara(rgb: Picture, radius: float, sharpness: float = 4) -> Picture:
    """Edge-preserving flattening: each pixel takes the calmest of the four windows that touch it, softly chosen."""
    k = 2 * max(round(radius / 2), 1) + 1
    mean = cv2.blur(rgb, (k, k), borderType=cv2.BORDER_REFLECT)
    gray = luma(rgb)
    variance = cv2.blur(gray * gray, (k, k)) - cv2.blur(gray, (k, k)) ** 2
    calm = 1 / (1e-4 + np.maximum(variance, 0)) ** (sharpness / 2)
    off = k // 2
    weighted = np.dstack([mean * calm[..., None], calm])
    padded = cv2.copyMakeBorder(weighted, off, off, off, off, cv2.BORDER_REFLECT)
    h, w = gray.shape
    total = sum(padded[dy : dy + h, dx : dx + w] for dy in (0, 2 * off) for dx in (0, 2 * off))
    total = np.asarray(total)
    return np.clip(total[..., :3] / total[..., 3:], 0, 1)


def direction(gray: Plane, sigma: float, calm: Plane | float = 0.0) -> Plane:
    """Angle of the contours in radians [H, W] from the structure tensor; flat areas take the angle `calm`."""
    gx, gy = cv2.Sobel(gray, cv2.CV_32F, 1, 0), cv2.Sobel(gray, cv2.CV_32F, 0, 1)
    # Doubled angles, so that opposite gradients add up instead of cancelling.
    c, s = blur(gx * gx - gy * gy, sigma), blur(2 * gx * gy, sigma)
    c = c + 0.002 * np.cos(2 * np.asarray(calm) - np.pi).astype(np.float32)
    s = s + 0.002 * np.sin(2 * np.asarray(calm) - np.pi).astype(np.float32)
    return (0.5 * np.arctan2(s, c) + np.pi / 2).astype(np.float32)


def smeared(image: np.ndarray, angle: Plane, length: float) -> np.ndarray:
    """Line integral convolution (Cabral 1993): the mean along the field over `length` pixels each way.

    Two passes, of close and of far taps: 5 x 5 taps for the price of 10, close enough not to bead.
    """
    return _along(_along(image, angle, length / 12), angle, length * 5 / 12)


def _along(image: np.ndarray, angle: Plane, hop: float, steps: int = 2) -> np.ndarray:
    """Mean of the taps at `hop` pixels along the field, `steps` each way."""
    y, x = grid(image.shape[:2])
    # The field as a picture of doubled angles, so that it can be followed around bends.
    field = np.dstack([np.cos(angle), np.sin(angle)])
    total = image.astype(np.float32).copy()
    for sign in (1.0, -1.0):
        py, px = y, x
        heading = sign * field
        for _ in range(steps):
            px, py = px + hop * heading[..., 0], py + hop * heading[..., 1]
            total += cv2.remap(image, px, py, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            here = cv2.remap(field, px, py, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)
            # An orientation has no sign: keep going forwards.
            heading = here * np.where((here * heading).sum(-1, keepdims=True) < 0, np.float32(-1), np.float32(1))
    return total / (2 * steps + 1)


def strands(rng: np.random.Generator, angle: Plane, length: float, width: float = 1.0) -> Plane:
    """Noise drawn out into fibres along the field, mean 0, deviation 1: bristles, gouges, hatching by hand."""
    fibres = smeared(blur(white(rng, angle.shape), 0.5 * width), angle, length)
    return (fibres - fibres.mean()) / (fibres.std() + 1e-6)


def contours(gray: Plane, sigma: float, threshold: float = 0.012, softness: float = 0.012) -> Plane:
    """Dark lines of a drawing [H, W], 1 = full ink: a difference of Gaussians, softly cut (Winnemoller 2012)."""
    gap = blur(gray, 1.6 * sigma) - blur(gray, sigma)
    return smoothstep(threshold - softness, threshold + softness, gap)


def lines(phase: Plane, period: float, coverage: Plane) -> Plane:
    """Antialiased parallel lines [H, W], 1 = ink: one each `period` pixels of `phase`, as wide as tone asks.

    `coverage` is the share of the period that the ink fills, in [0, 1].
    """
    off_centre = np.abs((phase / period + 0.5) % 1 - 0.5) * period
    return np.clip(coverage * period / 2 - off_centre + 0.5, 0, 1) * np.clip(coverage * period, 0, 1)


def rotated(size: Size, angle: float) -> tuple[Plane, Plane]:
    """Pixel coordinates (across, along) of a grid turned by `angle` radians."""
    y, x = grid(size)
    return y * np.cos(angle) - x * np.sin(angle), x * np.cos(angle) + y * np.sin(angle)


def paper(rng: np.random.Generator, size: Size, colour: np.ndarray | None = None, roughness: float = 0.02) -> Picture:
    """A sheet of paper: tint, fine grain, faint clouds."""
    u = unit(size)
    grain = 0.7 * fractal(rng, size, 3 * u, 2) + 0.5 * fractal(rng, size, 60 * u, 2)
    sheet = (paper_colour(rng) if colour is None else colour) * (1 + roughness * grain[..., None])
    return np.clip(sheet, 0, 1).astype(np.float32)


def tooth(rng: np.random.Generator, size: Size, cell: float) -> Plane:
    """Height of rough drawing paper in [0, 1], evenly spread, so that a pressure p covers the share p of it."""
    bumps = fractal(rng, size, cell, 2, 0.8)
    return 0.5 * (1 + np.tanh(0.85 * bumps)).astype(np.float32)


def printed(sheet: Picture, ink: np.ndarray, amount: Plane) -> Picture:
    """Transparent ink over what is there: the light passes it twice, so colours multiply."""
    return sheet * (1 - amount[..., None] * (1 - ink))


def relief(height: Plane, strength: float, angle: float) -> Plane:
    """Light and shade of a surface lit from `angle`: a factor about 1 [H, W]."""
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0) * np.cos(angle) + cv2.Sobel(height, cv2.CV_32F, 0, 1) * np.sin(angle)
    return 1 + strength * np.tanh(slope / 4)


def clusters(rgb: Picture, count: int, rng: np.random.Generator, rounds: int = 6) -> np.ndarray:
    """`count` colours [count, 3] that stand for the picture's (Lloyd's k-means), from dark to light."""
    pixels = rgb.reshape(-1, 3)
    sample = pixels[rng.integers(0, len(pixels), 1200)]
    centres = sample[rng.permutation(len(sample))[:count]].copy()
    for _ in range(rounds):
        nearest = ((sample[:, None] - centres) ** 2).sum(-1).argmin(1)
        for i in range(count):
            if (nearest == i).any():
                centres[i] = sample[nearest == i].mean(0)
    return centres[luma(centres).argsort()]


def nearest(rgb: Picture, palette: np.ndarray) -> np.ndarray:
    """Index of the nearest palette colour, int [H, W]."""
    scores = rgb.reshape(-1, 3) @ (2 * palette.T) - (palette**2).sum(1)
    return scores.argmax(1).reshape(rgb.shape[:2])


def flat_areas(rgb: Picture, centres: np.ndarray, colours: np.ndarray, tidy: int = 5) -> Picture:
    """Each pixel in the colour of its nearest centre; specks smaller than `tidy` merge, borders are antialiased."""
    labels = cv2.medianBlur(nearest(rgb, centres).astype(np.uint8), tidy | 1)
    labels = cv2.medianBlur(cv2.resize(labels, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST), 5)
    return cv2.resize(colours.astype(np.float32)[labels.astype(int)], rgb.shape[1::-1], interpolation=cv2.INTER_AREA)
