"""The backdrops: each a list of layers from the sky down to the ground."""

from collections.abc import Callable

import numpy as np

from impasto.scenes.layer import Layer
from impasto.scenes.noise import fractal, mix, smoothstep
from impasto.scenes.palettes import ramp, rgb
from impasto.scenes.world.colours import CREAM, GLASS, LAMP, WOOD
from impasto.scenes.world.plants import fir, leafy
from impasto.scenes.world.scenery import (
    FAR,
    GROUND,
    MIDDLE,
    SHORE,
    SKY,
    grassy,
    hazed,
    hills,
    island,
    pebbles,
    sky,
    sprinkled,
    stars,
    water,
)  # fmt: skip
from impasto.scenes.world.sheet import Sheet
from impasto.scenes.world.stage import BACK, Ground, Stage


def seaside(stage: Stage) -> list[Layer]:
    sheet = stage.sheet(BACK - 1)
    island(sheet, stage, stage.rng.uniform(-9, 9), 5.0, 1.3, rgb("7d9a86"))
    return [
        sky(stage),
        hazed(sheet, stage, 1.3).layer("an island", FAR, (0, 0, BACK - 1)),
        water(stage, ("2a7f9e", "3f9db0", "7cc4c4")),
        _beach(stage),
    ]


def _beach(stage: Stage) -> Layer:
    ground = Ground(stage, SHORE + 0.6)
    grain, broad = ground.noise(0.12, 0.12), ground.noise(2.5, 1.5)
    sand = rgb("ecd29b") * (1 + 0.05 * grain + 0.04 * broad)[..., None]
    edge = ground.z + 0.25 * np.sin(0.9 * ground.x) + 0.15 * ground.noise(2.0, 4.0)
    wet = smoothstep(SHORE - 1.6, SHORE - 0.3, edge)[..., None]
    foam = smoothstep(SHORE - 0.35, SHORE - 0.2, edge)[..., None]
    ground.rgb[:] = mix(mix(sand, 0.78 * sand, wet), rgb("ffffff"), foam)
    ground.alpha[:] = smoothstep(SHORE + 0.25, SHORE + 0.15, edge)
    pebbles(ground, stage, rgb("c9a877"))
    return ground.layer("a sandy beach", GROUND)


def lake(stage: Stage) -> list[Layer]:
    far = stage.sheet(BACK - 1)
    for tall, tint in ((3.6, "7f95ad"), (2.4, "6d8a84")):
        hills(far, stage, tall, rgb(tint))
    woods = stage.sheet(BACK - 3)
    for x in np.sort(stage.rng.uniform(-15, 15, 46)):
        fir(woods, x, stage.eye, stage.rng.uniform(1.2, 2.6), rgb("2f6146") * stage.rng.uniform(0.8, 1.2))
    grass = Ground(stage, SHORE + 0.6)
    edge = grass.z + 0.25 * np.sin(0.7 * grass.x + 1) + 0.2 * grass.noise(1.0, 2.0)
    grassy(grass, rgb("5f9a3e"), rgb("9dbb4e"))
    grass.rgb *= (1 - 0.45 * smoothstep(SHORE - 0.4, SHORE, edge))[..., None]
    grass.alpha[:] = smoothstep(SHORE + 0.15, SHORE, edge)
    return [
        sky(stage),
        hazed(far, stage, 1.2).layer("far mountains", FAR, (0, 0, BACK - 1)),
        hazed(woods, stage, 0.5).layer("fir trees", MIDDLE, (0, 0, BACK - 3)),
        water(stage, ("2c6d8f", "3f87a6", "79a9bb")),
        grass.layer("green grass", GROUND),
    ]


def mountains(stage: Stage) -> list[Layer]:
    far, near = stage.sheet(BACK - 1), stage.sheet(BACK - 5)
    hills(far, stage, 6.2, rgb("7c8bb0"), snow=True)
    hills(near, stage, 3.2, rgb("5d7560"))
    ground = Ground(stage)
    grassy(ground, rgb("6a9546"), rgb("b5b763"))
    pebbles(ground, stage, rgb("a9a49a"))
    return [
        sky(stage),
        hazed(far, stage, 0.9).layer("snowy mountains", FAR, (0, 0, BACK - 1)),
        hazed(near, stage, 0.5).layer("hills", MIDDLE, (0, 0, BACK - 5)),
        ground.layer("grass", GROUND),
    ]


def city(stage: Stage) -> list[Layer]:
    rng, z = stage.rng, 15.0
    far, near = stage.sheet(BACK - 1), stage.sheet(z)
    x = -17.0
    while x < 17:
        wide, tall = rng.uniform(1.5, 3.2), rng.uniform(4.5, 9.0)
        _front(far, stage, x, wide, tall, rgb("8f9bb2") * rng.uniform(0.8, 1.15), 0.5, False)
        x += wide
    walls = [rgb(c) for c in ("d98a6c", "e8c188", "c9635a", "b9c4a0", "e9dcc6", "9fb4c9", "d8a0a0", "a88a6e")]
    x = -9.6
    while x < 9.6:
        wide, tall = rng.uniform(1.9, 3.0), rng.uniform(2.6, 4.4)
        _front(near, stage, x, wide, tall, walls[rng.integers(len(walls))], 0.75, True)
        x += wide
    ground = Ground(stage, z + 0.2)
    asphalt = rgb("6b6d74") * (1 + 0.07 * ground.noise(0.1, 0.1))[..., None]
    paving = rgb("c2b8aa") * (1 + 0.05 * ground.noise(0.5, 0.5))[..., None]
    joints = np.minimum(np.abs(ground.x % 1.0 - 0.5), np.abs(ground.z % 1.0 - 0.5) + 0.3) > 0.47
    paving = paving * (1 - 0.12 * joints)[..., None]
    road = smoothstep(10.2, 10.1, ground.z)
    dash = (
        road
        * smoothstep(0.14, 0.1, np.abs(ground.z - 7.6))
        * smoothstep(0.45, 0.55, np.abs((ground.x / 2.4) % 1 - 0.5) * 2)
    )
    kerb = smoothstep(0.14, 0.08, np.abs(ground.z - 10.25))
    ground.rgb[:] = mix(mix(mix(paving, asphalt, road), rgb("f2ead6"), dash), rgb("dcd6cb"), kerb)
    return [
        sky(stage),
        hazed(far, stage, 1.2).layer("tall buildings", FAR, (0, 0, BACK - 1)),
        hazed(near, stage, 0.2).layer("houses of a street", MIDDLE, (0, 0, z)),
        ground.layer("a street", GROUND),
    ]


def _front(
    sheet: Sheet, stage: Stage, x: float, wide: float, tall: float, wall: np.ndarray, storey: float, shop: bool
) -> None:
    """A house front with rows of windows; the lowest row are doors and shop windows with awnings, if it is near."""
    rng, foot, night = stage.rng, stage.eye, stage.light.dark
    sheet.box(x, foot - tall, x + wide, foot, wall)
    sheet.box(x - 0.05, foot - tall - 0.12, x + wide + 0.05, foot - tall, 0.8 * wall)
    columns = max(int(wide / (0.85 * storey)), 1)
    for floor in range(1 if shop else 0, int(tall / storey)):
        for i in range(columns):
            at, sill = x + wide * (i + 0.5) / columns, foot - floor * storey - 0.2 * storey
            burning = night and rng.random() < 0.6
            pane = LAMP / stage.light.tint if burning else 0.85 * GLASS * rng.uniform(0.7, 1.1)
            half = 0.2 * storey if shop else 0.26 * storey
            sheet.box(at - half, sill - 0.55 * storey, at + half, sill, pane, 0.5)
            if shop:
                sheet.box(at - 1.3 * half, sill, at + 1.3 * half, sill + 0.05, CREAM, 0)
    if shop:
        awning = rgb(("c8453d", "3f7f6a", "3f62a0", "d99a33")[rng.integers(4)])
        glow = LAMP / stage.light.tint if night else GLASS
        sheet.box(x + 0.15 * wide, foot - 0.5, x + 0.6 * wide, foot - 0.12, glow, 0.5)
        sheet.box(x + 0.7 * wide, foot - 0.55, x + 0.88 * wide, foot, WOOD, 0.5)
        edge = np.linspace(x + 0.08 * wide, x + 0.66 * wide, 7)
        for i in range(6):
            stripe = awning if i % 2 == 0 else CREAM
            sheet.shape([(edge[i] + 0.05, foot - 0.72), (edge[i + 1] + 0.03, foot - 0.72),
                         (edge[i + 1], foot - 0.48), (edge[i], foot - 0.48)], stripe, 0.3)  # fmt: skip


def forest(stage: Stage) -> list[Layer]:
    rng = stage.rng
    far, near = stage.sheet(BACK - 1), stage.sheet(14.0)
    y, _ = far.metres()
    leaves = fractal(rng, far.size, 1.6 * far.density, 4, 0.7)
    wall = mix(rgb("3f7a4c"), rgb("a5c86c"), np.clip(0.35 + 0.22 * leaves - 0.06 * (y - stage.eye), 0, 1))
    far.cover(smoothstep(-7.5, -5.0, y + 0.7 * leaves) if y.min() < -7 else np.ones(far.size, np.float32), wall)
    for x in rng.uniform(-15, 15, 26):
        far.line(
            [(x, stage.eye), (x + rng.normal(0, 0.2), -9)],
            rng.uniform(0.15, 0.4),
            rgb("5b5a45") * rng.uniform(0.8, 1.2),
        )
    colours = [rgb(c) for c in ("4b8a3f", "6ca045", "3c7546", "83a844")]
    for x in np.linspace(-8.2, 8.2, 8) + rng.normal(0, 0.5, 8):
        leafy(near, rng, x, stage.eye, rng.uniform(3.6, 5.2), colours[rng.integers(4)])
    ground = Ground(stage)
    grassy(ground, rgb("4c6b34"), rgb("86904a"))
    ground.rgb[:] = mix(ground.rgb, rgb("8a6b45"), 0.8 * smoothstep(0.3, 1.2, ground.noise(2.5, 2.0))[..., None])
    sprinkled(ground, stage, ("c9722f", "b5532c", "d9a33f"), 0.05, 160)
    return [
        sky(stage),
        hazed(far, stage, 0.7).layer("a wood", FAR, (0, 0, BACK - 1)),
        hazed(near, stage, 0.1).layer("trees", MIDDLE, (0, 0, 14.0)),
        ground.layer("the floor of a forest", GROUND),
    ]


def desert(stage: Stage) -> list[Layer]:
    far = stage.sheet(BACK - 1)
    for x in stage.rng.uniform(-12, 12, 3):  # table mountains
        wide, tall = stage.rng.uniform(1.2, 3.0), stage.rng.uniform(1.2, 2.8)
        top = stage.eye - tall
        far.shape(
            [(x - wide - 0.8, stage.eye), (x - wide, top), (x + wide, top), (x + wide + 0.8, stage.eye)], rgb("b8674a")
        )
        for share in (0.2, 0.45):
            far.line(
                [(x - wide - 0.8 * share, top + tall * share), (x + wide + 0.8 * share, top + tall * share)],
                0.14,
                rgb("8f4c3a"),
            )
    dunes = stage.sheet(BACK - 4)
    for tall, tint in ((2.0, "e0a65e"), (1.2, "edbd74")):
        hills(dunes, stage, tall, rgb(tint), octaves=2)
    ground = Ground(stage)
    waves = np.sin(2 * np.pi * (ground.z * 1.6 + 0.35 * ground.x + 0.5 * ground.noise(2.0, 1.5, 2)))
    waves *= np.minimum(1, 60 / ground.z**2)
    ground.rgb[:] = rgb("edc27c") * (1 + 0.06 * waves + 0.04 * ground.noise(3.0, 2.0))[..., None]
    pebbles(ground, stage, rgb("c08a55"))
    return [
        sky(stage),
        hazed(far, stage, 0.9).layer("red rocks", FAR, (0, 0, BACK - 1)),
        hazed(dunes, stage, 0.5).layer("sand dunes", MIDDLE, (0, 0, BACK - 4)),
        ground.layer("desert sand", GROUND),
    ]


def meadow(stage: Stage) -> list[Layer]:
    far, near = stage.sheet(BACK - 1), stage.sheet(BACK - 6)
    for tall, tint in ((3.2, "8fb59a"), (2.2, "79ad62")):
        hills(far, stage, tall, rgb(tint), octaves=2)
    hills(near, stage, 0.9, rgb("6aa548"), octaves=2)
    for x in stage.rng.uniform(-11, 11, 7):
        leafy(
            near,
            stage.rng,
            x,
            stage.eye - 0.1,
            stage.rng.uniform(1.1, 2.0),
            rgb("4f8f40") * stage.rng.uniform(0.8, 1.15),
        )
    ground = Ground(stage)
    grassy(ground, rgb("5aa13c"), rgb("a4c74f"))
    sprinkled(ground, stage, ("ffffff", "f7d23e", "e8505a", "b37ad6"), 0.055, 150)
    return [
        sky(stage),
        hazed(far, stage, 0.9).layer("green hills", FAR, (0, 0, BACK - 1)),
        hazed(near, stage, 0.4).layer("bushes and trees", MIDDLE, (0, 0, BACK - 6)),
        ground.layer("a meadow with flowers", GROUND),
    ]


def field(stage: Stage) -> list[Layer]:
    far = stage.sheet(BACK - 1)
    for tall, tint in ((2.4, "93ab8c"), (1.5, "7d9a58")):
        hills(far, stage, tall, rgb(tint), octaves=2)
    ground = Ground(stage)
    rows = np.sin(2 * np.pi * (ground.x + 0.04 * ground.noise(0.4, 0.4)) * 1.7) * np.minimum(1, 14 / ground.z)
    ears = ground.noise(0.06, 0.25)
    ground.rgb[:] = mix(rgb("b98a34"), rgb("f3d06a"), np.clip(0.62 + 0.16 * rows + 0.16 * ears, 0, 1)[..., None])
    stalks = stage.sheet(12.0)
    for x in stage.rng.uniform(-7.4, 7.4, 420):
        tall, lean = stage.rng.uniform(0.25, 0.5), stage.rng.normal(0, 0.06)
        tint = mix(rgb("c8993f"), rgb("f7dc84"), stage.rng.random())
        stalks.line([(x, stage.eye), (x + lean, stage.eye - tall)], 0.03, tint)
        stalks.ellipse(x + lean, stage.eye - tall, 0.03, 0.08, tint)
    return [
        sky(stage),
        hazed(far, stage, 0.9).layer("hills", FAR, (0, 0, BACK - 1)),
        ground.layer("a wheat field", GROUND),
        hazed(stalks, stage, 0.1).layer("wheat", MIDDLE, (0, 0, 12.0)),
    ]


def snow(stage: Stage) -> list[Layer]:
    far, near = stage.sheet(BACK - 1), stage.sheet(16.0)
    hills(far, stage, 3.4, rgb("b9cbe0"), snow=True)
    hills(far, stage, 1.3, rgb("dfe8f2"), octaves=2)
    for x in np.sort(stage.rng.uniform(-9.5, 9.5, 9)):
        fir(
            near,
            x,
            stage.eye + 0.05,
            stage.rng.uniform(1.6, 3.2),
            rgb("2f6150") * stage.rng.uniform(0.85, 1.2),
            snow=True,
        )
    ground = Ground(stage)
    drifts = ground.noise(3.5, 2.0, 2)
    ground.rgb[:] = mix(
        rgb("c3d3ea"), rgb("fbfdff"), np.clip(0.65 + 0.25 * drifts + 0.05 * ground.noise(0.1, 0.1), 0, 1)[..., None]
    )
    return [
        sky(stage),
        hazed(far, stage, 0.7).layer("snowy hills", FAR, (0, 0, BACK - 1)),
        hazed(near, stage, 0.2).layer("snowy fir trees", MIDDLE, (0, 0, 16.0)),
        ground.layer("snow", GROUND),
    ]


def room(stage: Stage) -> list[Layer]:
    rng, z, foot = stage.rng, 11.0, stage.eye
    sheet = stage.sheet(z)
    y, x = sheet.metres()
    paper, other = (
        rgb(c)
        for c in (("e9d9bd", "e0cba6"), ("bcd3cf", "a9c6c2"), ("e6c3b8", "dbb1a4"), ("c9cbe3", "b8bbd8"))[
            rng.integers(4)
        ]
    )
    stripes = smoothstep(-0.1, 0.1, np.sin(2 * np.pi * x / 0.9))
    light = 1.06 - 0.02 * np.hypot(x + 2, y + 2)
    sheet.cover(np.ones(sheet.size, np.float32), mix(paper, other, stripes) * light[..., None])
    left, sill, lintel = rng.choice([-3.0, 1.4]), -0.55, -2.3
    sheet.box(left - 0.1, lintel - 0.1, left + 1.7, sill + 0.1, CREAM)
    view = ramp(stage.light.sky, np.clip((y - lintel) / (sill - lintel), 0, 1)) / stage.light.tint
    sheet.polygon([(left, lintel), (left + 1.6, lintel), (left + 1.6, sill), (left, sill)], view)
    sheet.line([(left + 0.8, lintel), (left + 0.8, sill)], 0.06, CREAM)
    sheet.line([(left, (lintel + sill) / 2), (left + 1.6, (lintel + sill) / 2)], 0.06, CREAM)
    curtain = rgb(("b5483f", "4a7a94", "d39b3f", "7b5a96")[rng.integers(4)])
    for side in (left - 0.5, left + 1.6):
        sheet.box(side, lintel - 0.2, side + 0.5, sill + 0.5, curtain)
        for fold in (0.12, 0.25, 0.38):
            sheet.line([(side + fold, lintel - 0.2), (side + fold, sill + 0.5)], 0.04, 0.75 * curtain)
    at = -left - 0.2
    sheet.box(at - 0.7, -2.2, at + 0.7, -1.2, WOOD)
    sheet.box(at - 0.6, -2.1, at + 0.6, -1.3, rgb("bfdcec"))
    sheet.polygon(
        [(at - 0.6, -1.3), (at - 0.2, -1.75), (at + 0.1, -1.5), (at + 0.35, -1.8), (at + 0.6, -1.3)], rgb("6f9a6a")
    )
    sheet.box(at - 0.9, foot - 1.0, at + 0.9, foot - 0.02, rgb("a8703f"))  # a chest of drawers
    for k in (0.3, 0.62, 0.94):
        sheet.line([(at - 0.84, foot - k), (at + 0.84, foot - k)], 0.025, rgb("6b4526"))
        sheet.ellipse(at, foot - k + 0.15, 0.05, 0.05, LAMP)
    sheet.line([(sheet.left, foot - 0.06), (-sheet.left, foot - 0.06)], 0.16, CREAM)
    floor = Ground(stage, z + 0.05)
    plank = np.floor(floor.x / 0.55)
    tone = np.sin(plank * 12.9898 + np.floor(floor.z / 2 + plank * 0.37) * 78.2) * 0.06
    seam = smoothstep(0.03, 0.0, np.abs(floor.x / 0.55 - plank - 0.5) - 0.46)
    floor.rgb[:] = rgb("c08a56") * (1 + tone + 0.07 * floor.noise(0.1, 1.6) - 0.25 * (1 - seam))[..., None]
    rug = smoothstep(1.0, 0.98, np.hypot(floor.x / 3.2, (floor.z - 7.2) / 1.5))
    ring = 0.5 + 0.5 * np.sign(np.sin(14 * np.hypot(floor.x / 3.2, (floor.z - 7.2) / 1.5)))
    floor.rgb[:] = mix(floor.rgb, mix(curtain * 0.9 + 0.08, CREAM * 0.95, ring[..., None]), 0.9 * rug[..., None])
    sheet.shade(stage.light.tint)
    return [sheet.layer("the wall of a room", SKY, (0, 0, z)), floor.layer("a wooden floor", GROUND)]


def deep_sea(stage: Stage) -> list[Layer]:
    rng = stage.rng
    back = stage.sheet(BACK, 0.6)
    y, x = back.metres()
    down = np.clip((y - back.top) / (stage.eye - back.top), 0, 1)
    water = ramp(np.stack([rgb(c) for c in ("7fe0e6", "2fa5c9", "1c6fa8", "174f88")]), down)
    rays = fractal(rng, (8, back.size[1]), 1.8 * back.density, 3)[:1]
    beams = np.stack([np.interp(x[0] + 0.3 * (row - back.top), x[0], rays[0]) for row in y[:, 0]])
    water = mix(water, rgb("d8fbf5"), 0.35 * smoothstep(0.3, 1.6, beams) * (1 - down))
    back.cover(np.ones(back.size, np.float32), water)
    reef = stage.sheet(16.0)
    hills(reef, stage, 0.9, rgb("35627f"), octaves=4)
    colours = [rgb(c) for c in ("e8637a", "f09a4a", "b565c9", "f2c14e", "53b58a")]
    for px in rng.uniform(-9, 9, 16):
        _coral(reef, rng, px, stage.eye, rng.uniform(0.6, 1.9), colours[rng.integers(5)])
    floor = Ground(stage)
    caustics = np.abs(floor.noise(1.6, 1.2, 2))
    floor.rgb[:] = mix(rgb("d8cd9f"), rgb("2d7aa6"), np.clip((floor.z - 6) / 18, 0, 0.85)[..., None])
    floor.rgb += 0.16 * smoothstep(0.25, 0.0, caustics)[..., None]
    pebbles(floor, stage, rgb("b59f7c"))
    return [
        back.layer("blue water", SKY, (0, 0, BACK)),
        reef.layer("a coral reef", MIDDLE, (0, 0, 16.0)),
        floor.layer("the sandy bottom of the sea", GROUND),
    ]


def _coral(sheet: Sheet, rng: np.random.Generator, x: float, foot: float, tall: float, colour: np.ndarray) -> None:
    """A branching coral, or a swaying ribbon of weed."""
    if rng.random() < 0.4:
        share = np.linspace(0, 1, 10)
        weed = np.stack([x + 0.12 * np.sin(7 * share + rng.uniform(0, 6)), foot - 1.5 * tall * share], 1)
        sheet.stroke(weed, 0.14, rgb("3f9a5c"))
        return
    for lean in (-0.45, -0.15, 0.2, 0.5):
        tip = (x + lean * tall, foot - tall * (1 - 0.5 * lean**2))
        sheet.stroke([(x, foot), (x + 0.4 * lean * tall, foot - 0.5 * tall), tip], 0.13, colour)
        sheet.oval(*tip, 0.11, 0.11, 1.1 * colour, edge=0.5)


def moon(stage: Stage) -> list[Layer]:
    space = stage.sheet(BACK)
    space.cover(np.ones(space.size, np.float32), np.broadcast_to(rgb("0b0d1c"), (*space.size, 3)))
    stars(space, stage, 160)
    x = stage.rng.uniform(-6, 6)
    y = stage.height(0.2, BACK)
    space.oval(x, y, 1.9, 1.9, rgb("3f82d0"), edge=0)
    for dx, dy, r in ((-0.5, -0.6, 0.7), (0.6, 0.3, 0.8), (-0.9, 0.5, 0.4)):
        space.oval(x + dx, y + dy, r, 0.6 * r, rgb("5aa860"), 0.4, edge=0)
    for dy in (-1.1, 0.1, 1.2):
        space.line([(x - 1.2, y + dy), (x + 0.9, y + dy - 0.2)], 0.22, np.ones(3), 0.6)
    far = stage.sheet(BACK - 2)
    hills(far, stage, 1.6, rgb("8a8c93"), octaves=3)
    ground = Ground(stage)
    ground.rgb[:] = rgb("b4b4b8") * (1 + 0.08 * ground.noise(0.3, 0.3) + 0.07 * ground.noise(3, 3))[..., None]
    for _ in range(26):
        cz = 1 / stage.rng.uniform(1 / 20, 1 / 4.2)
        cx, r = stage.rng.uniform(-0.6, 0.6) * cz, stage.rng.uniform(0.15, 0.8)
        away = np.hypot(ground.x - cx, ground.z - cz) / r
        ground.rgb *= (1 - 0.35 * smoothstep(1.0, 0.8, away))[..., None]
        ground.rgb *= (1 + 0.25 * smoothstep(0.75, 0.95, away) * smoothstep(1.25, 1.05, away))[..., None]
    return [
        space.layer("a black sky with stars", SKY, (0, 0, BACK)),
        far.layer("grey hills", FAR, (0, 0, BACK - 2)),
        ground.layer("the ground of the moon", GROUND),
    ]


PAINTERS: dict[str, Callable[[Stage], list[Layer]]] = {
    "seaside": seaside, "lake": lake, "mountains": mountains, "city": city, "forest": forest, "desert": desert,
    "meadow": meadow, "field": field, "snow": snow, "room": room, "deep sea": deep_sea, "moon": moon,
}  # fmt: skip
