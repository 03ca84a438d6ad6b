"""Clips of any length: windows that overlap, each going on from what the one before has painted.

Legend: T frames, K known frames, H height, W width; B clips, C latent channels, t latent frames of h x w.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.diffusion.flowmatching import target
from impasto.diffusion.shapes import FRAMES_STEP

Frames = NDArray[np.float32]
"""[T, H, W, 3] in [0, 1]"""
Velocity = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Windows:
    """Both of 4n + 1 frames: so many make whole latent frames."""

    length: int
    overlap: int = 5


def in_windows(
    frames: Iterable[NDArray[np.float32]],
    windows: Windows,
    paint: Callable[[Frames, Frames], Frames],
    state: dict[str, np.ndarray],
) -> Iterator[NDArray[np.float32]]:
    """One painted frame for each frame [H, W, 3], in order; holds no more than a window.

    Args:
        paint: from the frames of a window, and the first K of them as they were painted before, to all of them painted.
        state: carries the end of one call into the next: the frames of a long shot may come in several calls.
    """
    stream = iter(frames)
    while fresh := list(islice(stream, windows.length - len(state.get("painted", ())))):
        known = state.get("painted", np.zeros((0, *fresh[0].shape), np.float32))
        window = np.concatenate([state.get("frames", known), np.stack(fresh)])
        painted = np.concatenate([known, paint(window, known)[len(known) :]])
        kept = min(windows.overlap, (len(painted) - 1) // FRAMES_STEP * FRAMES_STEP + 1)
        state |= {"frames": window[-kept:], "painted": painted[-kept:]}
        yield from painted[len(known) :]


def holding(velocity: Velocity, known_BCthw: Tensor, noise_BCthw: Tensor) -> Velocity:
    """A velocity that leads the first latent frames to known ones, whatever the solver: their path is straight.

    Args:
        known_BCthw: latents of the first frames, fewer than all.
        noise_BCthw: where the sampling begins.
    """
    count = known_BCthw.shape[2]
    held_BCthw = target(known_BCthw, noise_BCthw[:, :, :count]).float()

    def held(latents: Tensor, sigma_B: Tensor) -> Tensor:
        free = velocity(latents, sigma_B)[:, :, count:]
        return torch.cat([held_BCthw.to(free), free], 2)

    return held if count else velocity
