"""A picture that shows how far a network has come: a frame, what it makes of it, and the style."""

from pathlib import Path

import cv2
import numpy as np
import torch

from impasto.color.transport import transport
from impasto.guidance import Style
from impasto.training.learning import Learning
from impasto.video.pictures import read_style_picture, write_picture
from impasto.video.types import Picture

HEIGHT = 288


def write_preview(learning: Learning, styles: tuple[Style, ...], path: Path) -> None:
    """Frame, repainted frame and style pictures side by side, as JPEG."""
    sample = learning.material.samples[len(learning.material.samples) // 2]
    source = sample.frames[0]
    frame = np.multiply(source, np.float32(1 / 255), dtype=np.float32)
    colors = transport(sample.colors, learning.code.colors)
    engine = learning.averaged().engine(torch.from_numpy(frame).permute(2, 0, 1)[None], colors, *frame.shape[:2])
    painted = np.rint(engine(frame) * 255).astype(np.uint8)
    pictures = [read_style_picture(style.image) for style in styles if style.image is not None]
    write_picture(path, np.concatenate([_of_height(rgb) for rgb in (source, painted, *pictures)], 1))


def _of_height(rgb: Picture) -> Picture:
    width = max(1, round(rgb.shape[1] * HEIGHT / rgb.shape[0]))
    return cv2.resize(rgb, (min(width, 4 * HEIGHT), HEIGHT), interpolation=cv2.INTER_AREA).astype(np.uint8)
