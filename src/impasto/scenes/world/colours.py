"""The colours that captions name, and the light of the hour that falls on them."""

from dataclasses import dataclass

import numpy as np

from impasto.scenes.palettes import rgb

COLOURS = {
    "red": rgb("d6352f"),
    "orange": rgb("f08a24"),
    "yellow": rgb("f7cf3a"),
    "green": rgb("3f9c48"),
    "blue": rgb("2f6fcb"),
    "purple": rgb("8a4fb8"),
    "pink": rgb("f58fb5"),
    "white": rgb("f4f1ea"),
    "black": rgb("37363f"),
    "brown": rgb("8c5a36"),
    "grey": rgb("9a9da3"),
}
BRIGHT = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white")
CREAM, DARK, GLASS, LAMP, LEAF, METAL, WOOD = map(
    rgb, ("f6ead2", "2e2d35", "a9d3e6", "ffd877", "4d8a3c", "b9bec6", "8a5f3d")
)


@dataclass(frozen=True)
class Light:
    """An hour of the day or a weather."""

    sky: np.ndarray
    """Colours [N, 3] from the top of the sky to the horizon."""
    tint: np.ndarray
    """What it multiplies all colours by [3]."""
    haze: float
    """How much of what is far away is lost in the colour of the horizon, in [0, 1]."""
    clouds: float
    """How much of the sky they cover, in [0, 1]."""
    name: str
    """What the sky is called."""

    @property
    def dark(self) -> bool:
        """Lamps are lit."""
        return bool(self.tint.mean() < 0.8)

    def air(self) -> np.ndarray:
        """The colour at the horizon [3]."""
        return self.sky[-1]


def _light(sky: str, tint: tuple[float, float, float], haze: float, clouds: float, name: str) -> Light:
    return Light(np.stack([rgb(code) for code in sky.split()]), np.array(tint), haze, clouds, name)


LIGHTS = {
    "day": _light("3d86d8 6cb0ea a9d8f5 dff1fa", (1.04, 1.02, 0.97), 0.12, 0.4, "a blue sky"),
    "sunset": _light("4d4a8c a35f95 ea7d67 ffb35c ffe09a", (1.06, 0.86, 0.74), 0.22, 0.45, "a sunset sky"),
    "night": _light("080d26 131c46 26356b 40538c", (0.5, 0.56, 0.84), 0.15, 0.1, "a night sky"),
    "fog": _light("aab6bd bfc8cc d3d8d8 dee1df", (0.93, 0.95, 0.96), 0.62, 0.0, "a foggy sky"),
    "clouds": _light("76828f 929da8 afb7be c9cdd0", (0.9, 0.92, 0.95), 0.25, 0.95, "a cloudy sky"),
}


def jitter(rng: np.random.Generator) -> np.ndarray:
    """A factor on a colour [3] that changes its lightness a little, its hue hardly."""
    return rng.uniform(0.94, 1.05) * rng.uniform(0.97, 1.03, 3)
