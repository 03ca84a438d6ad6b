"""Style pictures made by code: a subject, photographed or invented, repainted in the marks of a medium.

They stand beside paintings in training, which lack drawing, print and craft. Each kind draws its own palette,
scale and parameters from the generator, so one kind gives endless different pictures.
"""

from collections.abc import Callable

import cv2
import numpy as np

from impasto.errors import UnsupportedOption
from impasto.scenes.noise import Picture, Size
from impasto.scenes.styles import drawing, painting, pieces, prints
from impasto.scenes.styles.composition import composition

PAINTERS: dict[str, Callable[[Picture, np.random.Generator], Picture]] = {
    "cartoon": prints.cartoon,
    "charcoal": drawing.charcoal,
    "crosshatch": drawing.crosshatch,
    "duotone": prints.duotone,
    "embroidery": pieces.embroidery,
    "engraving": drawing.engraving,
    "halftone": prints.halftone,
    "ink-wash": painting.ink_wash,
    "mosaic": pieces.mosaic,
    "oil": painting.oil,
    "pastel": painting.pastel,
    "pen-and-ink": drawing.pen_and_ink,
    "pencil": drawing.pencil,
    "pixel-art": prints.pixel_art,
    "pointillism": painting.pointillism,
    "poster": prints.poster,
    "risograph": prints.risograph,
    "stained-glass": pieces.stained_glass,
    "ukiyo-e": prints.ukiyo_e,
    "watercolour": painting.watercolour,
    "weave": pieces.weave,
    "woodcut": prints.woodcut,
}
STYLE_KINDS: tuple[str, ...] = tuple(PAINTERS)


def style_picture(
    kind: str, rng: np.random.Generator, size: Size = (256, 256), subject: Picture | None = None
) -> Picture:
    """A picture in the style `kind`, float32 RGB [H, W, 3] in [0, 1].

    Args:
        kind: one of `STYLE_KINDS`.
        rng: source of all chance; the same state gives the same picture.
        size: (height, width) in pixels, at least 32 each; marks scale with the short side.
        subject: what is painted, float32 RGB [H, W, 3] in [0, 1] of any size, cropped at the centre to the
            proportions of `size`; None invents one.

    Raises:
        UnsupportedOption: there is no such kind.
    """
    if kind not in PAINTERS:
        raise UnsupportedOption(f"No style made by code is called {kind!r}; choose one of {', '.join(STYLE_KINDS)}.")
    scene = composition(rng, size) if subject is None else _filled(subject, size)
    return np.ascontiguousarray(PAINTERS[kind](scene, rng), np.float32)


def _filled(picture: Picture, size: Size) -> Picture:
    """The largest centred part of the picture with the proportions of `size`, resized to it."""
    h, w = picture.shape[:2]
    ratio = max(size[0] / h, size[1] / w)
    ch, cw = min(h, round(size[0] / ratio)), min(w, round(size[1] / ratio))
    top, left = (h - ch) // 2, (w - cw) // 2
    crop = picture[top : top + ch, left : left + cw]
    resized = cv2.resize(crop, size[::-1], interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC)
    return np.clip(resized, 0, 1).astype(np.float32)
