"""The hour of the day: a low sun from the left, warm light, blue shade, and haze that gathers with distance."""

import numpy as np

from impasto.scenes.noise import mix
from impasto.scenes.palettes import rgb

SUNLIGHT = rgb("ffdca8")
SHADE = rgb("6f7a9c")
HAZE = rgb("f0cfb4")
SUN_X = -0.26
"""Where the sun stands: its direction's x over z."""

OBJECTS = ("sky", "mountains", "hills", "village", "water", "lighthouse", "boat", "sailing boat", "gull", "shore",
           "cyclist", "fence", "tree", "grass")  # fmt: skip
"""Names of the objects by id."""


def object_id(name: str) -> int:
    return OBJECTS.index(name)


def hazed(colour: np.ndarray, metres: float) -> np.ndarray:
    """A colour seen through `metres` of evening air."""
    return mix(colour, HAZE, 1 - float(np.exp(-metres / 1700)))


def sunlit(colour: np.ndarray, light: np.ndarray | float) -> np.ndarray:
    """A surface [..., 3] in light [...] from 0 (shade, bluish) to 1 (sun, warm) and beyond."""
    share = np.asarray(light, np.float32)[..., None]
    return colour * mix(SHADE * 0.85, SUNLIGHT * 1.12, share)
