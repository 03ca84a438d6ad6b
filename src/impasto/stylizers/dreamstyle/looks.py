"""Pictures that say how to paint, at the size of the clip: style pictures, and the first frame that a person painted.

Legend: H height, W width.
"""

from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from impasto.errors import UnsupportedOption
from impasto.guidance import Guidance, Keyframe
from impasto.stylizers.base import ShotFrames
from impasto.stylizers.painted.frame import read_painted_frame
from impasto.video.pictures import read_style_picture
from impasto.video.types import Picture


def filled(picture: Picture, size: tuple[int, int]) -> Picture:
    """The largest middle part of a picture that has the proportions of (width, height), at that size."""
    height, width = picture.shape[:2]
    ratio = max(size[0] / width, size[1] / height)
    columns, rows = min(width, round(size[0] / ratio)), min(height, round(size[1] / ratio))
    left, top = (width - columns) // 2, (height - rows) // 2
    part = picture[top : top + rows, left : left + columns]
    return np.asarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC), np.uint8)


def style_pictures(guidance: Guidance) -> list[tuple[Path, float]]:
    """Style pictures and their weights; raises `UnsupportedOption` for the name of a style."""
    found = []
    for style in guidance.styles:
        if style.image is None:
            raise UnsupportedOption(f"DreamStyle needs a picture, not the named style {style.name!r}.")
        found.append((style.image, style.weight))
    return found


def read_style(path: Path, size: tuple[int, int]) -> Tensor:
    """A style picture at a size, [1, 3, H, W] in [0, 1]; raises `UnreadableInput`."""
    return as_tensor(filled(read_style_picture(path), size))


def painted_frame(guidance: Guidance) -> Keyframe | None:
    """The painted frame that holds, if any; the model takes no more than one."""
    return next(iter(guidance.painted_frames), None)


def read_first(keyframe: Keyframe, shot: ShotFrames, size: tuple[int, int]) -> Tensor:
    """A painting of a frame of the clip at a size, [1, 3, H, W] in [0, 1]; raises as `read_painted_frame`."""
    (source,) = shot.clip.sample([keyframe.frame])
    painted = read_painted_frame(keyframe.image, (source * 255).round().astype(np.uint8))
    return as_tensor(np.asarray(cv2.resize(painted.picture, size, interpolation=cv2.INTER_AREA), np.uint8))


def as_tensor(picture: Picture) -> Tensor:
    """[1, 3, H, W] in [0, 1]."""
    return torch.from_numpy(np.ascontiguousarray(picture)).permute(2, 0, 1)[None].float() / 255
