"""Pairs of nearby frames of real clips with the flow between them, for the temporal loss."""

from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from impasto.motion.flow import DisFlow, Flow, gray
from impasto.motion.occlusion import consistent, motion_boundary


@dataclass(frozen=True)
class FramePair:
    frames: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    flow: Flow
    """From the first to the second."""
    trusted: NDArray[np.bool_]
    """Pixels of the first frame that are visible in the second."""


def read_clip(path: Path, limit: int) -> list[NDArray[np.uint8]]:
    """The first `limit` frames, RGB [H, W, 3]."""
    frames = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            frames.append(frame.to_ndarray(format="rgb24"))
            if len(frames) == limit:
                break
    return frames


def random_pair(
    clips: list[list[NDArray[np.uint8]]], size: int, rng: np.random.Generator, estimate: DisFlow, reach: int = 3
) -> FramePair:
    """The same square crop of two frames at most `reach` apart, of a random clip."""
    clip = clips[int(rng.integers(len(clips)))]
    t = int(rng.integers(0, max(1, len(clip) - reach)))
    other = min(len(clip) - 1, t + int(rng.integers(1, reach + 1)))
    height, width = clip[t].shape[:2]
    y, x = int(rng.integers(0, height - size + 1)), int(rng.integers(0, width - size + 1))
    flip = slice(None, None, -1) if rng.random() < 0.5 else slice(None)
    first, second = (np.ascontiguousarray(clip[i][y : y + size, x : x + size][:, flip]) for i in (t, other))
    forward, backward = estimate(gray(first), gray(second)), estimate(gray(second), gray(first))
    return FramePair((first, second), forward, consistent(forward, backward) & ~motion_boundary(forward))
