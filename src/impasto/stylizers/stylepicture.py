"""A style picture at the scale of the strokes that are wanted.

Legend: H height, W width.
"""

from pathlib import Path

import cv2
import torch
from torch import Tensor

from impasto.video.pictures import read_style_picture

LONGEST = 4
"""A panorama is looked at up to this many times as wide as high: its strips would cost without telling more."""


def style_picture(path: Path, side: int) -> Tensor:
    """The picture at a short side of `side` pixels, [1, 3, H, W] in [0, 1].

    Raises:
        UnreadableInput: it is no picture or smaller than 8 pixels.
    """
    rgb = read_style_picture(path)
    ratio = side / min(rgb.shape[:2])
    size = [min(max(side, round(length * ratio)), LONGEST * side) for length in rgb.shape[1::-1]]
    rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC)
    return torch.from_numpy(rgb).permute(2, 0, 1)[None].float() / 255
