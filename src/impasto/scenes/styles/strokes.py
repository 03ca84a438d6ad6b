"""Brush marks stamped one after the other: oil, chalk, thread and points differ only in the mark."""

import cv2
import numpy as np

from impasto.scenes.noise import Picture, Plane, fractal, grid, smoothstep, stretched, white

TURNS = 32
"""Prepared rotations of a mark in half a turn."""


def brush_marks(
    rng: np.random.Generator, length: float, width: float, bristle: float, bend: float = 0.15
) -> np.ndarray:
    """Marks at `TURNS` angles [TURNS, 2, S, S]: how much paint each pixel takes, and how high it stands there.

    `bristle` in [0, 1] is how far the hairs part; `bend` curves the mark, as a share of its length.
    """
    side = int(np.ceil(max(length, width) * 1.15)) | 1
    y, x = grid((side, side))
    u, v = (x - side // 2) / (length / 2), (y - side // 2) / (width / 2)
    v = v + bend * rng.choice([-1, 1]) * (length / width) * (u * u - 0.3)
    hairs = stretched(rng, (side, side), (max(width / 6, 1), length), 2)
    body = 1 - np.abs(u) ** 4 - np.abs(v) ** 3
    cover = smoothstep(0, 0.45, body + bristle * 0.35 * hairs * (0.5 + np.abs(u)))
    # Paint is pushed aside and forwards: ridges at the rim and at the end of the stroke.
    height = cover * (0.5 + 0.3 * hairs * bristle + 0.35 * np.abs(v) + 0.3 * np.maximum(u, 0))
    centre = (side // 2, side // 2)
    turned = [cv2.getRotationMatrix2D(centre, -180 * i / TURNS, 1) for i in range(TURNS)]
    return np.stack([[cv2.warpAffine(p, m, (side, side)) for p in (cover, height)] for m in turned]).astype(np.float32)


def stamp(
    canvas: Picture,
    height: Plane,
    marks: np.ndarray,
    places: np.ndarray,
    angles: np.ndarray,
    colours: np.ndarray,
    opacity: float = 1.0,
) -> None:
    """Paint marks in place on the canvas [H, W, 3] and its paint height [H, W], in the order given.

    `places` [N, 2] are centres (y, x), `angles` [N] radians, `colours` [N, 3].
    """
    h, w = height.shape
    half = marks.shape[-1] // 2
    turns = np.round(angles / np.pi * TURNS).astype(int) % TURNS
    for (cy, cx), turn, colour in zip(places.astype(int), turns, colours, strict=True):
        y0, y1, x0, x1 = max(cy - half, 0), min(cy + half + 1, h), max(cx - half, 0), min(cx + half + 1, w)
        if y0 >= y1 or x0 >= x1:
            continue
        cover, rise = marks[turn][:, y0 - cy + half : y1 - cy + half, x0 - cx + half : x1 - cx + half]
        cover = cover * opacity
        patch = canvas[y0:y1, x0:x1]
        patch += cover[..., None] * (colour - patch)
        plate = height[y0:y1, x0:x1]
        plate += cover * (rise - plate)


def scattered(rng: np.random.Generator, size: tuple[int, int], spacing: float, jitter: float = 0.9) -> np.ndarray:
    """Centres [N, 2] (y, x) that cover the picture evenly but not in rows, in random order."""
    h, w = size
    y, x = np.mgrid[-0.5 : h / spacing + 0.5, -0.5 : w / spacing + 0.5]
    points = np.stack([y + 0.5 * (np.arange(x.shape[1]) % 2), x], -1).reshape(-1, 2)
    points = (points + rng.uniform(-jitter / 2, jitter / 2, points.shape)) * spacing
    return points[rng.permutation(len(points))]


def taken(image: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The image's values at `places` [N, 2] (y, x), clamped to the picture."""
    h, w = image.shape[:2]
    return image[np.clip(places[:, 0].astype(int), 0, h - 1), np.clip(places[:, 1].astype(int), 0, w - 1)]


def varied(rng: np.random.Generator, colours: np.ndarray, lightness: float, hue: float) -> np.ndarray:
    """Colours [N, 3] as a hand mixes them: each a little lighter or darker, and a little off in hue."""
    n = len(colours)
    lighter, other = 1 + lightness * white(rng, (n, 1)), hue * white(rng, (n, 3))
    return np.clip(colours * lighter + other, 0, 1)


def rough(rng: np.random.Generator, size: tuple[int, int], cell: float) -> Plane:
    """Angles of a slowly turning field in radians, for where the subject gives no direction."""
    return (rng.uniform(0, np.pi) + 0.7 * fractal(rng, size, cell, 2)).astype(np.float32)
