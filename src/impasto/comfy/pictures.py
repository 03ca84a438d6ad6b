"""Between the tensors of ComfyUI, float32 [B, H, W, C] in [0, 1] with C 3 or 4, and the pictures of a run."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from impasto.errors import InputError
from impasto.guidance import Style
from impasto.job.pixels import to_bytes
from impasto.stylizers.base import FrameArray
from impasto.video.pictures import write_picture

Shares = tuple[tuple[FrameArray | str, float], ...]
"""Style pictures, or names of styles, each with its weight."""


def frames_of(images: Tensor) -> list[FrameArray]:
    """Each picture of a batch, float32 [H, W, 3]; transparency is left out."""
    return list(images[..., :3].cpu().float().clamp(0, 1).numpy())


def batch_of(frames: Iterable[np.ndarray]) -> Tensor:
    """Frames [H, W, 3] as a batch."""
    return torch.from_numpy(np.stack(list(frames)))


def the_one(images: Tensor, what: str) -> FrameArray:
    """The picture of a batch of one; raises `InputError` where there are more."""
    if len(images) != 1:
        raise InputError(f"{len(images)} pictures are connected as {what}; give one.")
    return frames_of(images)[0]


def saved(path: Path, frames: Sequence[FrameArray]) -> Path:
    """The frames as files in a new folder: a picture where there is one, else a pattern, which is read as a video."""
    path.mkdir()
    for number, frame in enumerate(frames):
        write_picture(path / f"{number:06d}.png", to_bytes(frame))
    return path / ("000000.png" if len(frames) == 1 else "%06d.png")


def styles_in(folder: Path, shares: Shares) -> list[Style]:
    """Styles as a run takes them, their pictures written into `folder`."""
    return [
        Style(weight=weight, name=look)
        if isinstance(look, str)
        else Style(weight=weight, image=saved(folder / f"style-{number}", [look]))
        for number, (look, weight) in enumerate(shares)
    ]
