"""Media put together from pieces: tesserae, panes of glass, threads."""

import numpy as np

from impasto.scenes.noise import Picture, Plane, Size, blur, fractal, grid, mix, smoothstep, white
from impasto.scenes.palettes import oklch
from impasto.scenes.styles.strokes import brush_marks, rough, scattered, stamp, taken, varied
from impasto.scenes.styles.toolkit import (
    contours,
    direction,
    kuwahara,
    luma,
    recoloured,
    relief,
    saturated,
    smeared,
    tone,
    unit,
)


def _cells(
    rng: np.random.Generator, size: Size, pitch: float, jitter: float, angle: Plane | None = None
) -> tuple[np.ndarray, np.ndarray, Plane, Plane]:
    """A plane cut into cells about `pitch` pixels wide.

    Returns the cells' centres [N, 2] (y, x), the cell of each pixel [H, W], each pixel's distance to its
    cell's border and the distance to its centre, in pixels. Cells are square and turned by `angle` where one is
    given, else the polygons nearest to each centre.
    """
    h, w = size
    rows, cols = int(h / pitch) + 3, int(w / pitch) + 3
    at = np.moveaxis(np.mgrid[:rows, :cols], 0, -1) + rng.uniform(-jitter / 2, jitter / 2, (rows, cols, 2))
    centres = ((at - 0.5) * pitch).astype(np.float32)
    turn = np.zeros((rows, cols)) if angle is None else taken(angle, centres.reshape(-1, 2)).reshape(rows, cols)
    y, x = grid(size)
    home_y, home_x = (y / pitch + 1).astype(int), (x / pitch + 1).astype(int)
    first, second = np.full(size, np.inf, np.float32), np.full(size, np.inf, np.float32)
    owner = np.zeros(size, int)
    for oy in (-1, 0, 1):
        for ox in (-1, 0, 1):
            gy, gx = np.clip(home_y + oy, 0, rows - 1), np.clip(home_x + ox, 0, cols - 1)
            dy, dx = y - centres[gy, gx, 0], x - centres[gy, gx, 1]
            if angle is None:
                far = np.sqrt(dy * dy + dx * dx)
            else:
                c, s = np.cos(turn[gy, gx]), np.sin(turn[gy, gx])
                far = np.maximum(np.abs(c * dx + s * dy), np.abs(c * dy - s * dx))
            closer = far < first
            second = np.where(closer, first, np.minimum(second, far))
            owner = np.where(closer, gy * cols + gx, owner)
            first = np.where(closer, far, first)
    return centres.reshape(-1, 2), owner, (second - first) / 2, first


def mosaic(subject: Picture, rng: np.random.Generator) -> Picture:
    """Tesserae laid along the contours, each of one colour and slightly tilted, with grout between."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    colours = saturated(recoloured(subject, rng, 0.5), rng.uniform(1.1, 1.5))
    pitch = rng.uniform(6, 12) * u
    angle = direction(tone(colours), 5 * u, rough(rng, size, 150 * u)) if rng.random() < 0.75 else None
    centres, owner, border, centre = _cells(rng, size, pitch, rng.uniform(0.2, 0.7), angle)
    tile = varied(rng, taken(blur(colours, 0.3 * pitch), centres), 0.09, 0.025)
    tilt = rng.normal(0, 0.16, (len(centres), 2)).astype(np.float32)
    y, x = grid(size)
    offset = np.stack([y, x], -1) - centres[owner]
    light = 1 + (tilt[owner] * offset).sum(-1) / pitch + 0.03 * white(rng, size)
    gap = rng.uniform(0.5, 0.95) * u
    solid = smoothstep(gap - 0.6, gap + 0.6, border) * smoothstep(0.85 * pitch, 0.7 * pitch, centre)
    edge = relief(np.minimum(border, 2 * u) * 3, 0.25, 3.9)
    sand = 1 + 0.06 * fractal(rng, size, 3 * u, 2)
    grout = oklch(rng.choice([0.25, 0.4, 0.75, 0.88]), 0.015, 0.2) * sand[..., None]
    return np.clip(mix(grout, tile[owner] * (light * edge)[..., None], solid), 0, 1).astype(np.float32)


def stained_glass(subject: Picture, rng: np.random.Generator) -> Picture:
    """Panes of saturated, streaky, glowing glass between dark leads."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    colours = saturated(recoloured(kuwahara(subject, 6 * u), rng, 0.35), rng.uniform(1.5, 2.3))
    pitch = rng.uniform(20, 38) * u
    centres, owner, border, _ = _cells(rng, size, pitch, rng.uniform(0.7, 1.1))
    # Leads along the subject's own borders: a window, not only a grid.
    flat = kuwahara(kuwahara(colours, 8 * u), 8 * u)
    drawn = contours(blur(tone(flat), 1.5 * u), 2 * u, 0.02, 0.01)
    pane = varied(rng, taken(blur(colours, 0.3 * pitch), centres), 0.15, 0.06)
    glass = mix(pane[owner], flat, 0.4)
    streaks = smeared(white(rng, size), rough(rng, size, 60 * u), 9 * u)
    light = 1.12 + 0.13 * streaks / streaks.std() + 0.1 * fractal(rng, size, 50 * u, 2)
    glow = smoothstep(0, 0.45 * pitch, border)
    glass = saturated(np.clip(glass * (light * (0.6 + 0.55 * glow))[..., None] + 0.02, 0, 1), 1.25)
    lead_width = rng.uniform(1.0, 1.9) * u
    lead = np.maximum(smoothstep(lead_width + 0.6, lead_width - 0.6, border), drawn)
    metal = 0.09 + 0.12 * smoothstep(0.5 * lead_width, 0, border) + 0.015 * white(rng, size)
    return np.clip(mix(glass, np.repeat(metal[..., None], 3, -1), np.clip(1.1 * lead, 0, 1)), 0, 1)


def weave(subject: Picture, rng: np.random.Generator) -> Picture:
    """Tapestry: ribs of wool over a warp, each crossing of one colour, threads twisted and lit from above."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    colours = recoloured(kuwahara(subject, 4 * u), rng, 0.5)
    pitch_x, pitch_y = rng.uniform(3.5, 6.5, 2) * u
    y, x = grid(size)
    x = x + 0.12 * pitch_x * fractal(rng, size, 30 * u, 2)
    y = y + 0.15 * pitch_y * fractal(rng, size, 30 * u, 2)
    col, row = np.floor(x / pitch_x), np.floor(y / pitch_y + 0.5 * (np.floor(x / pitch_x) % 2))
    fy, fx = (y / pitch_y + 0.5 * (col % 2)) % 1 - 0.5, (x / pitch_x) % 1 - 0.5
    places = np.stack([(row - 0.5 * (col % 2) + 0.5) * pitch_y, (col + 0.5) * pitch_x], -1)
    wool = taken(blur(colours, 0.3 * pitch_x), places.reshape(-1, 2)).reshape(*size, 3)
    key = (row * 57 + col * 131).astype(int) % 997
    wool = wool * (1 + 0.08 * rng.standard_normal(997))[key][..., None]
    round_ = np.sqrt(np.clip(1 - (1.9 * fy) ** 2, 0, 1)) * np.sqrt(np.clip(1.15 - (1.9 * fx) ** 2, 0, 1))
    twist = 0.1 * np.cos(2 * np.pi * (1.5 * fy + 2.0 * fx) / 0.5)
    light = 0.45 + 0.68 * round_ * (1 + twist) + 0.1 * (fy < 0) * round_ + 0.05 * white(rng, size)
    return np.clip(wool * light[..., None], 0, 1).astype(np.float32)


def embroidery(subject: Picture, rng: np.random.Generator) -> Picture:
    """Satin stitches that follow the forms, shining silk on plain cloth."""
    size, u = subject.shape[:2], unit(subject.shape[:2])
    calm = saturated(kuwahara(kuwahara(recoloured(subject, rng, 0.5), 6 * u), 4 * u), 1.35)
    y, x = grid(size)
    cloth = 0.9 + 0.1 * np.cos(2 * np.pi * x / (2.6 * u)) * np.cos(2 * np.pi * y / (2.6 * u))
    ground = oklch(rng.uniform(0.3, 0.95), rng.uniform(0.01, 0.08), rng.random())
    canvas = (ground * cloth[..., None]).astype(np.float32)
    height = np.zeros(size, np.float32)
    angle = direction(luma(calm), 4 * u, rough(rng, size, 120 * u))
    thread = rng.uniform(2.4, 3.4) * u
    marks = brush_marks(rng, rng.uniform(4, 6.5) * thread, thread, 0.35, 0.02)
    places = scattered(rng, size, 1.9 * thread)
    keep = rng.random(len(places)) < 1.2 - 0.4 * smoothstep(0.85, 1, tone(calm)).mean()
    places = places[keep]
    turn = taken(angle, places) + rng.normal(0, 0.08, len(places))
    silk = varied(rng, taken(calm, places), 0.07, 0.015)
    sheen = 1 + 0.22 * np.cos(2 * (turn - rng.uniform(0, np.pi)))  # silk shines across the thread only
    stamp(canvas, height, marks, places, turn, silk * sheen[:, None].astype(np.float32))
    return np.clip(canvas * relief(3 * height, 0.45, 4.2)[..., None], 0, 1)
