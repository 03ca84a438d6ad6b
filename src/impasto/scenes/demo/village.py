"""A village that climbs a hill from its quay to the church, some windows already lit."""

from collections.abc import Callable

import numpy as np

from impasto.scenes.canvas import Canvas
from impasto.scenes.demo.light import hazed, object_id, sunlit
from impasto.scenes.layer import Layer
from impasto.scenes.noise import fractal, lit, mix, smoothstep
from impasto.scenes.palettes import rgb

_WALLS = [rgb(c) for c in ("f3e3c6", "eed0a4", "e9bd93", "f2d9c9", "dfa489", "f0e9dd", "d9c4a0", "e6b0a2")]
_ROOFS = [rgb(c) for c in ("c46a47", "b4573c", "cf7f55", "a84f3d")]
_SHUTTERS = [rgb(c) for c in ("4f7f78", "5b7896", "7d5a48", "6e8a5c", "93413c")]
_LAMP = rgb("ffdf8e")


def village(rng: np.random.Generator, density: Callable[[float], float]) -> list[Layer]:
    """Three rows of houses on a hill, from the top down."""
    return [
        _terrace(rng, density(236), 236, (14, 104), 14, lambda x: 11 + 15 * _bump(x, 62, 34), church=True),
        _terrace(rng, density(214), 214, (6, 100), 12, lambda x: 4.5 + 9.5 * _bump(x, 58, 36)),
        _quay(rng, density(196), 196),
    ]


def _bump(x: float, centre: float, width: float) -> float:
    return float(np.exp(-(((x - centre) / width) ** 2)))


def _terrace(
    rng: np.random.Generator,
    density: float,
    z: float,
    span: tuple[float, float],
    count: int,
    ground: Callable[[float], float],
    church: bool = False,
) -> Layer:
    sheet = Canvas(span[0] - 30, -58, span[1] + 24, 0.5, density)
    y, x = sheet.metres()
    slope = np.array([ground(float(at)) for at in x[0]], np.float32)[None]
    slope = slope * smoothstep(span[0] - 12, span[0] + 10, x) - 3 * smoothstep(span[0] - 6, span[0] - 12, x)
    bushes = fractal(rng, sheet.size, 3.2 * density, 4, 0.75)
    green = sunlit(
        mix(rgb("6c7a43"), rgb("99934f"), 0.5 + 0.3 * bushes), np.clip(0.5 + lit(5 * bushes, 1.0) - 1, 0, 1.1)
    )
    sheet.cover(smoothstep(-1, 1, (y + slope + 0.6 * bushes) * density), green)
    places = [float(x) for x in np.linspace(*span, count) + rng.normal(0, 1.6, count)]
    middle = min(range(count), key=lambda i: abs(places[i] - 60))
    for i in rng.permutation(count):
        foot = -ground(places[i])
        if church and i == middle:
            _church(sheet, places[i], foot)
        else:
            _house(sheet, rng, places[i], foot, rng.uniform(5.5, 9.5), rng.uniform(5, 8.5))
        for _ in range(rng.integers(1, 3)):
            _tree(sheet, rng, places[i] + rng.uniform(3, 7), foot + 1.2)
    return _finished(sheet, rng, z)


def _quay(rng: np.random.Generator, density: float, z: float) -> Layer:
    """The lowest row, tall narrow fronts side by side on the harbour wall."""
    sheet = Canvas(-12, -30, 108, 0.3, density)
    at, last = 10.0, 104.0
    while at < last:
        wide = rng.uniform(5.5, 8.5)
        _house(sheet, rng, at + wide / 2, -2.2, wide, rng.uniform(7.5, 12.5), side=0.0)
        at += wide + (rng.uniform(1.5, 4) if rng.random() < 0.2 else 0)
    for x in rng.uniform(8, 104, 9):
        _tree(sheet, rng, x, -2.0, small=True)
    y, x = sheet.metres()
    stone = fractal(rng, sheet.size, 1.2 * density, 3, 0.8)
    joints = (np.sin(y * 2 * np.pi / 0.75) > 0.93) * 0.12
    wall = sunlit(rgb("b7a28a") * (1 + 0.1 * stone - joints)[..., None], np.full(sheet.size, 0.6))
    wall = mix(wall, wall * rgb("8b9a7a"), smoothstep(-1.0, -0.2, y))  # weed below the tide line
    sheet.cover(smoothstep(-0.05, 0.05, y + 2.3) * smoothstep(-8, -7.8, x), wall)
    for at in np.arange(-5, 104, 9.5):  # lamps along the quay
        sheet.line([(at, -2.2), (at, -6.2)], 0.16, rgb("40434f"))
        sheet.ellipse(at, -6.4, 1.1, 1.1, _LAMP, 0.28)
        sheet.ellipse(at, -6.4, 0.4, 0.45, rgb("fff2c0"))
    return _finished(sheet, rng, z)


def _finished(sheet: Canvas, rng: np.random.Generator, z: float) -> Layer:
    sheet.rgb = hazed(sheet.rgb, 0.8 * z)
    sheet.shade(1 + 0.025 * fractal(rng, sheet.size, 0.8 * sheet.density, 3, 0.8))
    return sheet.layer("village", object_id("village"), (0, 0, z))


def _house(
    sheet: Canvas, rng: np.random.Generator, x: float, foot: float, wide: float, tall: float, side: float | None = None
) -> None:
    """A house seen a little from its sunny side: lit flank, front in half shade, tiled roof."""
    wall, roof = _WALLS[rng.integers(len(_WALLS))], _ROOFS[rng.integers(len(_ROOFS))] * rng.uniform(0.9, 1.1)
    shutter = _SHUTTERS[rng.integers(len(_SHUTTERS))]
    left, right, top = x - wide / 2, x + wide / 2, foot - tall
    flank = 0.28 * wide if side is None else side
    front = sunlit(wall, 0.68)
    if flank:
        lit_wall = sunlit(wall, 1.08)
        peak = (left - flank / 2, top - 0.55 * flank - 0.9)
        corners = [(left - flank, foot + 0.3), (left - flank, top), peak, (left, top), (left, foot + 0.3)]
        sheet.polygon(corners, lit_wall)
        _window(sheet, rng, left - flank * 0.65, top + 0.28 * tall, 0.3 * flank, 1.1, shutter, lit_wall)
    sheet.polygon([(left, foot + 1), (left, top), (right, top), (right, foot + 1)], front)
    sheet.polygon([(left, top), (left, top + 0.55), (right, top + 0.55), (right, top)], front * 0.72, 0.8)  # eaves
    gable = rng.random() < 0.3 and not flank
    if gable:
        sheet.polygon([(left, top), (x, top - 0.42 * wide), (right, top)], front)
        ends = ((left - 0.4, x, 0.85), (right + 0.4, x, 0.55))
        for end, ridge, light in ends:
            crest = [(end, top + 0.2), (ridge, top - 0.42 * wide - 0.25)]
            sheet.line(crest, 0.55, sunlit(roof, light))
    else:
        rise = rng.uniform(1.7, 2.6)
        slant = 0.5 * flank
        tiles = [
            (left - 0.3, top + 0.15),
            (left - slant - 0.1, top - rise),
            (right - slant, top - rise),
            (right + 0.4, top + 0.15),
        ]
        sheet.polygon(tiles, sunlit(roof, 0.78))
        for row in np.arange(0.3, rise, 0.42):  # courses of tiles
            share = row / rise
            ends = [(left - 0.3 - share * slant, top - row), (right + 0.4 - share * (slant + 0.4), top - row)]
            sheet.line(ends, 0.12, sunlit(roof, 0.78) * 0.8, 0.8)
        sheet.line([(left - slant, top - rise), (right - slant, top - rise)], 0.22, sunlit(roof, 1.05))
        chimney = x + rng.uniform(-0.3, 0.3) * wide
        sheet.polygon([(chimney, top - rise * 0.4), (chimney, top - rise - 1.1), (chimney + 0.7, top - rise - 1.1),
                       (chimney + 0.7, top - rise * 0.4)], sunlit(wall, 0.9) * 0.9)  # fmt: skip
    columns = max(int(wide / 2.3), 2)
    for floor in range(max(int(tall / 2.9), 1)):
        sill = foot - 1.0 - 2.8 * floor
        for i in range(columns):
            at = left + wide * (i + 0.5) / columns
            if floor == 0 and i == columns // 2:
                door = [(at - 0.55, foot + 1), (at - 0.55, foot - 2.1), (at + 0.55, foot - 2.1), (at + 0.55, foot + 1)]
                sheet.polygon(door, shutter * 0.6)
            elif sill - 1.5 > top:
                _window(sheet, rng, at, sill - 1.4, 0.85, 1.4, shutter, front)


def _window(
    sheet: Canvas,
    rng: np.random.Generator,
    x: float,
    top: float,
    wide: float,
    tall: float,
    shutter: np.ndarray,
    wall: np.ndarray,
) -> None:
    left, right, foot = x - wide / 2, x + wide / 2, top + tall
    burning = rng.random() < 0.38
    pane = _LAMP * rng.uniform(0.93, 1.05) if burning else rgb("46526b") * rng.uniform(0.8, 1.3)
    if burning:
        sheet.ellipse(x, top + tall / 2, 1.1 * wide, 0.8 * tall, rgb("ffc873"), 0.22)  # its glow on the wall
    for a, b in ((left - 0.5 * wide, left), (right, right + 0.5 * wide)):
        sheet.polygon([(a, top), (b, top), (b, foot), (a, foot)], mix(shutter, wall, 0.25))
    sheet.polygon([(left, top), (right, top), (right, foot), (left, foot)], pane)
    sheet.line([(left - 0.1, foot + 0.1), (right + 0.1, foot + 0.1)], 0.18, wall * 1.12)
    sheet.line([(x, top), (x, foot)], 0.1, wall * 0.8, 0.7)


def _church(sheet: Canvas, x: float, foot: float) -> None:
    wall, roof = rgb("f1e2c8"), _ROOFS[1]
    sheet.polygon([(x, foot + 1), (x, foot - 7), (x + 12, foot - 7), (x + 12, foot + 1)], sunlit(wall, 0.7))
    nave = [(x - 0.3, foot - 6.8), (x + 1, foot - 10.5), (x + 11, foot - 10.5), (x + 12.6, foot - 6.8)]
    sheet.polygon(nave, sunlit(roof, 0.8))
    for at in (2.5, 5.5, 8.5):
        sheet.ellipse(x + at + 0.6, foot - 4.2, 0.55, 1.3, _LAMP * 0.98)
    for a, b, light in ((-4.6, -2.9, 1.12), (-2.9, 0.4, 0.72)):
        sheet.polygon(
            [(x + a, foot + 1), (x + a, foot - 17), (x + b, foot - 17), (x + b, foot + 1)], sunlit(wall, light)
        )
    sheet.polygon([(x - 4.9, foot - 17), (x - 2.3, foot - 24.5), (x - 2.3, foot - 17)], sunlit(roof, 1.08))
    sheet.polygon([(x - 2.9, foot - 16.9), (x - 2.3, foot - 24.5), (x + 0.7, foot - 16.9)], sunlit(roof, 0.6))
    for level in (-16.9, -12.2):
        sheet.line([(x - 4.8, foot + level), (x + 0.6, foot + level)], 0.35, sunlit(wall, 0.95))
    sheet.ellipse(x - 1.25, foot - 14.6, 0.65, 1.25, rgb("4a4658"))
    sheet.ellipse(x - 1.25, foot - 10.4, 0.85, 0.85, rgb("fbf3df"))
    sheet.line([(x - 1.25, foot - 10.4), (x - 1.25, foot - 11.0)], 0.14, rgb("4a4658"))
    sheet.line([(x - 2.3, foot - 24.4), (x - 2.3, foot - 26)], 0.16, rgb("5a4a44"))


def _tree(sheet: Canvas, rng: np.random.Generator, x: float, foot: float, small: bool = False) -> None:
    """A cypress or a round crown, its left side in the sun."""
    if rng.random() < 0.4 and not small:
        tall = rng.uniform(6, 10)
        for i in range(16):
            share = i / 15
            r = 0.95 * (1 - share) ** 0.6 * (0.4 + 1.2 * min(share * 3, 1)) + 0.15
            sheet.ellipse(x, foot - share * tall, r, 0.8, sunlit(rgb("3f5236"), 0.25))
            sheet.ellipse(x - 0.32 * r, foot - share * tall, 0.55 * r, 0.6, sunlit(rgb("5c7042"), 0.9), 0.8)
        return
    size = rng.uniform(0.8, 1.3) if small else rng.uniform(1.5, 2.8)
    tint = mix(rgb("4d6138"), rgb("85803c"), rng.random())
    for _ in range(26):
        dx, dy = rng.normal(0, 0.45 * size, 2)
        light = float(np.clip(0.55 - 0.5 * (dx + dy) / size, 0.1, 1.15))
        sheet.ellipse(x + dx, foot - 1.1 * size + dy * 0.8, 0.38 * size, 0.32 * size, sunlit(tint, light))
