"""Random descriptions, and the scenes they tell of."""

from fractions import Fraction

import numpy as np

from impasto.scenes.world.casting import fits
from impasto.scenes.world.catalogue import BACKDROPS, KINDS, Kind
from impasto.scenes.world.description import CAMERA_MOTIONS, Description, Place, Size, Subject
from impasto.scenes.world.world import World, build

_PLACES: tuple[Place, ...] = ("left", "middle", "right")


def random_scene(seed: int, size: tuple[int, int], seconds: Fraction | int = 2, fps: Fraction | int = 8) -> World:
    """A scene of one to three subjects before a backdrop.

    Args:
        seed: chooses everything.
        size: (height, width) of the frames in pixels, at least 32 each.

    Raises:
        UnsupportedOption: the size is too small, or the clip has no frame.
    """
    return build(describe(np.random.default_rng([seed, 0])), seed, size, seconds, fps)


def describe(rng: np.random.Generator) -> Description:
    """What a random scene shows."""
    name = str(rng.choice(list(BACKDROPS)))
    backdrop = BACKDROPS[name]
    light = "day" if rng.random() < 0.4 else str(rng.choice(backdrop.lights))
    camera = "still" if rng.random() < 0.3 else CAMERA_MOTIONS[rng.integers(1, len(CAMERA_MOTIONS))]
    count = int(rng.choice((1, 2, 3), p=(0.45, 0.4, 0.15)))
    spread: dict[int, tuple[Place, ...]] = {2: ("left", "right"), 3: _PLACES}
    places = spread.get(count, (_PLACES[rng.integers(3)],))
    allowed = {
        k: kind for k, kind in KINDS.items() if set(kind.habitats) & set(backdrop.habitats) and k not in backdrop.shows
    }
    subjects = []
    for place in places:
        # Families first, so that each is seen as often as the others.
        family = rng.choice(sorted({kind.family for kind in allowed.values()}))
        kind = str(rng.choice([k for k in allowed if allowed[k].family == family]))
        subjects.append(_subject(rng, kind, allowed.pop(kind), backdrop.hides, place, count))
    return Description(subjects=tuple(subjects), backdrop=name, light=light, camera=camera)


def _subject(
    rng: np.random.Generator, name: str, kind: Kind, hides: tuple[str, ...], place: Place, subjects: int
) -> Subject:
    colours = [colour for colour in kind.colours if colour not in hides] or list(kind.colours)
    motion = kind.motions[rng.integers(len(kind.motions))]
    # What is large and rises or grows would leave the picture.
    roomy = subjects < 3 and motion not in ("bounce", "grow", "shrink", "up", "down")
    sizes: tuple[Size, ...] = ("", "", "", "small", "large") if roomy else ("", "", "", "small")
    number = int(rng.choice((1, 2, 3), p=(0.7, 0.16, 0.14)))
    number = max(n for n in range(1, number + 1) if n == 1 or fits(kind, n, subjects))
    return Subject(
        kind=name,
        colour=str(rng.choice(colours)),
        size=sizes[rng.integers(len(sizes))] if number == 1 else "",
        where="middle" if number > 1 and subjects == 1 else place,
        motion=motion,
        count=number,
    )
