"""What the VAE sees of the clips: crops for training, whole clips for measuring; read from the shards as needed.

Legend: B clips, T frames, H height, W width. Frames are RGB in [-1, 1], as the VAE has them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor

from impasto.errors import InputError
from impasto.training.nano.clips import CLIPS
from impasto.training.nano.shards import Part, read_notes, shard_files, shard_folder


@dataclass(frozen=True)
class Kept:
    """A clip in a shard."""

    file: Path
    name: str
    shape: tuple[int, int, int]
    """(T, H, W)"""

    def read(self, *place: slice) -> Tensor:
        """uint8 [T, H, W, 3], all or a part of it."""
        with safe_open(self.file, "pt") as file:
            return file.get_slice(self.name)[place or slice(None)]


def clip_files(part: Part) -> list[Path]:
    """The shards of a part; raises `InputError` where there are none."""
    return shard_files(shard_folder(CLIPS), part, CLIPS)


def kept_clips(part: Part) -> list[Kept]:
    """All clips of a part; raises `InputError` where there are none."""
    kept = []
    for path in clip_files(part):
        with safe_open(path, "pt") as file:
            for name in read_notes(path):
                frames, height, width, _ = file.get_slice(name).get_shape()
                kept.append(Kept(path, name, (frames, height, width)))
    return kept


def crops(clips: Sequence[Kept], rng: np.random.Generator, batch: int, frames: int, side: int) -> Tensor:
    """Square crops [B, 3, T, side, side] of random clips, at random places, mirrored half the time.

    Raises:
        InputError: no clip is so long and large.
    """
    fitting = [clip for clip in clips if clip.shape[0] >= frames and min(clip.shape[1:]) >= side]
    if not fitting:
        raise InputError(f"No clip has {frames} frames of {side} pixels a side; make longer or larger ones.")
    taken = []
    for number in rng.integers(len(fitting), size=batch):
        sizes = (frames, side, side)
        at = [int(rng.integers(extent - size + 1)) for extent, size in zip(fitting[number].shape, sizes, strict=True)]
        crop = fitting[number].read(*(slice(start, start + size) for start, size in zip(at, sizes, strict=True)))
        taken.append(crop.flip(2) if rng.random() < 0.5 else crop)
    return as_vae_input(torch.stack(taken))


def whole_clips(clips: Iterable[Kept]) -> Iterator[Tensor]:
    """Clips one after the other, [1, 3, T, H, W]."""
    return (as_vae_input(clip.read()[None]) for clip in clips)


def as_vae_input(frames_BTHWC: Tensor) -> Tensor:
    """[B, 3, T, H, W] in [-1, 1] from bytes."""
    return frames_BTHWC.permute(0, 4, 1, 2, 3).float() / 127.5 - 1
