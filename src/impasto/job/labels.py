"""Names drawn above pictures."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from impasto.video.types import Picture

BACKGROUND = (24, 24, 24)
INK = (235, 235, 235)


def label_height(picture_height: int) -> int:
    """Pixels of the strip above a picture; even, as encoders like it."""
    return max(20, picture_height // 16) // 2 * 2


def draw_label(text: str, width: int, height: int) -> Picture:
    """A strip with the text in its middle, smaller where it would not fit: uint8 RGB [height, width, 3]."""
    strip = Image.new("RGB", (width, height), BACKGROUND)
    size = height * 0.62
    length = ImageFont.load_default(size).getlength(text)
    font = ImageFont.load_default(max(6.0, min(size, size * (width - 8) / max(length, 1))))
    ImageDraw.Draw(strip).text((width / 2, height / 2), text, fill=INK, font=font, anchor="mm")
    return np.asarray(strip)


def labels_for(paths: list[Path]) -> list[str]:
    """The shortest ends of the paths that tell them apart: `out.mp4`, or `draft/out.mp4` and `high/out.mp4`."""
    depth = 1
    while depth < max(len(path.parts) for path in paths):
        if len({path.parts[-depth:] for path in paths}) == len(paths):
            break
        depth += 1
    return ["/".join(path.parts[-depth:]) for path in paths]
