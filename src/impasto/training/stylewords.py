"""What one may say of a style: the words that the prior from text to style code learns from.

Legend: H height, W width, N pictures or pixels.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from impasto.scenes.palettes import rgb
from impasto.training.cliptexts import painting_texts

COLOURS = {
    "black": rgb("1b1b1f"),
    "charcoal": rgb("3c3c42"),
    "grey": rgb("8a8a8a"),
    "silver": rgb("bfc1c4"),
    "white": rgb("f5f4f0"),
    "cream": rgb("f1e4c4"),
    "beige": rgb("d6c09a"),
    "brown": rgb("6f4a2c"),
    "sepia": rgb("8a6b47"),
    "rust": rgb("a4532a"),
    "red": rgb("c5282a"),
    "crimson": rgb("8e1c2e"),
    "orange": rgb("e8801f"),
    "ochre": rgb("c08a2d"),
    "gold": rgb("d8a93a"),
    "yellow": rgb("f0d535"),
    "olive": rgb("6f6f2d"),
    "green": rgb("3f8f45"),
    "dark green": rgb("24452f"),
    "sage": rgb("9aa987"),
    "teal": rgb("25777a"),
    "turquoise": rgb("4cc1bb"),
    "sky blue": rgb("92bfe2"),
    "blue": rgb("2f62b8"),
    "indigo": rgb("2a2c6b"),
    "navy": rgb("1c2740"),
    "purple": rgb("6f3f97"),
    "lavender": rgb("b7a6d6"),
    "magenta": rgb("b8327f"),
    "pink": rgb("eda6b6"),
}
STYLE_LAST = ("{0}, {1}", "{0}, in the style of {1}")
STYLE_FIRST = ("{1}: {0}",)
LEAST = 0.06
"""Share of a picture that a colour must cover to be named."""
MEDIA = {
    "cartoon": ("cartoon", "comic book drawing with bold outlines", "animation cel"),
    "charcoal": ("charcoal drawing", "smudged charcoal sketch"),
    "crosshatch": ("crosshatching", "crosshatched ink drawing"),
    "duotone": ("duotone print", "two-colour print"),
    "embroidery": ("embroidery", "stitched thread on cloth"),
    "engraving": ("engraving", "copperplate engraving, fine lines", "etching"),
    "halftone": ("halftone print", "newspaper dots, pop art"),
    "ink-wash": ("ink wash painting", "sumi-e, brush and ink"),
    "mosaic": ("mosaic", "Roman mosaic of small tesserae"),
    "oil": ("oil painting", "thick impasto strokes of oil"),
    "pastel": ("pastel drawing", "soft chalk pastel"),
    "pen-and-ink": ("pen and ink drawing", "line drawing with a nib"),
    "pencil": ("pencil drawing", "graphite sketch"),
    "pixel-art": ("pixel art", "8-bit video game graphics"),
    "pointillism": ("pointillism", "a painting of many dots, like Seurat's"),
    "poster": ("poster", "flat poster, screen print"),
    "risograph": ("risograph print", "grainy riso print"),
    "stained-glass": ("stained glass", "church window with lead lines"),
    "ukiyo-e": ("ukiyo-e woodblock print", "Japanese print, like Hokusai's"),
    "watercolour": ("watercolour", "watercolor painting with wet washes"),
    "weave": ("woven tapestry", "weave, textile"),
    "woodcut": ("woodcut", "linocut, carved black lines"),
}
"""What people call the styles that are made by code."""
SCALES = {
    "lightness": (("dark", "sombre", "shadowy"), ("pale", "bright", "light")),
    "colourfulness": (("muted", "almost monochrome", "desaturated"), ("vivid", "saturated", "colourful")),
    "warmth": (("cool", "cold"), ("warm",)),
    "roughness": (("smooth", "soft, blended"), ("rough texture", "bold strokes", "fine detail")),
}
"""What is said of the quarter of all pictures that has least of something, and of that which has most."""


def in_style(caption: str, style: str, rng: np.random.Generator) -> str:
    """A caption with words for the style; before it where it has more than one sentence."""
    forms = STYLE_FIRST if ". " in caption else (*STYLE_LAST, *STYLE_FIRST)
    return forms[int(rng.integers(len(forms)))].format(caption.rstrip("."), style)


def look(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """What can be measured of the palette and texture of a picture [H, W, 3]: the share of each of `COLOURS`, then a
    value for each of `SCALES`."""
    side = 64 / min(picture.shape[:2])
    small = cv2.resize(picture, None, fx=side, fy=side, interpolation=cv2.INTER_AREA)
    pixels = _lab(small.reshape(-1, 3) / np.float32(255))
    nearest = np.square(pixels[:, None] - _lab(np.stack(list(COLOURS.values())))).sum(-1).argmin(1)
    shares = np.bincount(nearest, minlength=len(COLOURS)) / len(pixels)
    gray = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    scales = {
        "lightness": pixels[:, 0].mean(),
        "colourfulness": np.hypot(pixels[:, 1], pixels[:, 2]).mean(),
        "warmth": pixels[:, 2].mean(),
        "roughness": np.abs(cv2.Laplacian(gray, cv2.CV_32F)).mean(),
    }
    return np.array([*shares, *(scales[name] for name in SCALES)], np.float32)


def quarters(looks: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each scale the values that a quarter of the pictures lies below, and a quarter above, [2, scales]."""
    return np.quantile(looks[:, len(COLOURS) :], (0.25, 0.75), axis=0).astype(np.float32)


def look_text(seen: NDArray[np.float32], bounds: NDArray[np.float32], rng: np.random.Generator) -> str:
    """Some of what can be said of palette and texture; it may be nothing."""
    shares, scales = np.split(seen, [len(COLOURS)])
    names = list(COLOURS)
    colours = [names[i] for i in np.argsort(-shares, kind="stable") if shares[i] > LEAST][: rng.integers(1, 4)]
    words = []
    for (least, most), value, (low, high) in zip(SCALES.values(), scales, bounds.T, strict=True):
        fitting = least if value < low else most if value > high else ()
        if fitting and rng.random() < 0.5:
            words.append(str(rng.choice(fitting)))
    joined = " and ".join(colours)
    match rng.integers(3):
        case 0:
            return f"in {joined}" if joined else ", ".join(words)
        case 1:
            return " ".join([*words, joined, "palette"]) if joined else ", ".join(words)
        case _:
            return ", ".join([*words, *colours])


def painting_text(caption: dict[str, Any], recoloured: bool, rng: np.random.Generator) -> str:
    """Some of what is known of a painting; of one in other colours only what these leave true."""
    texts = painting_texts(caption)
    if recoloured:
        texts = tuple(caption[key].lower() for key in ("movement", "medium") if caption.get(key))
    return str(rng.choice(texts)) if texts else "painting"


def medium_text(kind: str, rng: np.random.Generator) -> str:
    """What a style that is made by code may be called."""
    return str(rng.choice(MEDIA[kind]))


def _lab(rgb_N3: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.cvtColor(rgb_N3[:, None], cv2.COLOR_RGB2LAB)[:, 0]
