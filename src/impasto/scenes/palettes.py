"""Colours chosen in OKLCh, where equal steps look equal, so that random palettes still look chosen."""

import numpy as np

_TO_LMS = np.array(
    [[1, 0.3963377774, 0.2158037573], [1, -0.1055613458, -0.0638541728], [1, -0.0894841775, -1.2914855480]]
)
_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def rgb(code: str) -> np.ndarray:
    """An RGB colour [3] from six hexadecimal digits."""
    return np.array([int(code[i : i + 2], 16) for i in (0, 2, 4)], np.float32) / 255


def oklch(lightness: np.ndarray | float, chroma: np.ndarray | float, hue: np.ndarray | float) -> np.ndarray:
    """sRGB [..., 3] of OKLCh colours: lightness in [0, 1], chroma up to about 0.3, hue in turns (Ottosson 2020)."""
    angle = 2 * np.pi * np.asarray(hue)
    lab = np.stack(np.broadcast_arrays(lightness, chroma * np.cos(angle), chroma * np.sin(angle)), axis=-1)
    linear = np.clip((lab @ _TO_LMS.T) ** 3 @ _TO_RGB.T, 0, 1)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).astype(np.float32)


def random_palette(
    rng: np.random.Generator,
    count: int,
    *,
    dark: float = 0.2,
    light: float = 0.94,
    chroma: tuple[float, float] = (0.03, 0.17),
) -> np.ndarray:
    """`count` colours [count, 3] from dark to light, their hues from one scheme: near, opposed, three-way or free."""
    base = rng.random()
    schemes = ([0, 0.06, -0.06], [0, 0.5, 0.07], [0, 0.33, 0.67], [0, 0.15, 0.55], list(rng.random(4)))
    scheme = np.array(schemes[rng.integers(len(schemes))])
    hues = base + scheme[rng.permutation(np.arange(count) % len(scheme))] + rng.normal(0, 0.015, count)
    lightness = np.linspace(dark, light, count) + rng.normal(0, 0.2 / count, count) * (light - dark)
    # Very dark and very light colours hold little chroma.
    room = 1 - np.abs(2 * np.clip(lightness, 0, 1) - 1.05) ** 2
    strength = rng.uniform(*chroma, count) * np.clip(room, 0.25, 1)
    return oklch(np.clip(np.sort(lightness), 0.05, 0.98), strength, hues)


def paper_colour(rng: np.random.Generator) -> np.ndarray:
    """White, cream or a faintly tinted paper [3]."""
    return oklch(rng.uniform(0.91, 0.985), rng.uniform(0, 0.03), rng.normal(0.22, 0.05))


def ink_colour(rng: np.random.Generator, colourful: float = 0.4) -> np.ndarray:
    """A near-black ink [3]; with probability `colourful` a dark sepia, blue, green or red one."""
    if rng.random() < colourful:
        return oklch(rng.uniform(0.22, 0.42), rng.uniform(0.05, 0.13), rng.choice([0.08, 0.14, 0.4, 0.66, 0.72, 0.8]))
    return oklch(rng.uniform(0.1, 0.25), rng.uniform(0, 0.02), rng.random())


def ramp(palette: np.ndarray, tone: np.ndarray) -> np.ndarray:
    """The colours [..., 3] at positions `tone` in [0, 1] along the palette, mixed linearly between neighbours."""
    places = np.linspace(0, 1, len(palette))
    return np.stack([np.interp(tone, places, channel) for channel in palette.T], axis=-1).astype(np.float32)
