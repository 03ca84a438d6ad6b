"""The multi-pass algorithm (Ruder 2016, section 4.4): a shot painted there and back, so that what appears late in it
reaches its beginning as well.

Legend: T frames, H height, W width, at the working size.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.motion.flow import DisFlow
from impasto.stylizers.base import ShotFrames
from impasto.stylizers.optimization.painter import Painter
from impasto.stylizers.optimization.past import carry, gray_of, lay_over

CHUNK = 16
"""Frames that are decoded at a time."""


def paint_in_passes(
    painter: Painter,
    shot: ShotFrames,
    passes: int,
    temporal_from: int,
    temporal_weight: float,
    folder: Path,
    progress: Callable[[float], None],
) -> NDArray[np.float16]:
    """All frames painted, [T, 3, H, W] in [0, 1], in a file in `folder`: memory does not grow with the shot.

    Each pass begins at a frame's own last result, overlaid with the neighbour that the pass has just left, and from the
    pass `temporal_from` on (0 is the first) holds it to that neighbour.
    """
    shape = (shot.count, 3, *painter.size)
    sources = np.lib.format.open_memmap(folder / "sources.npy", "w+", np.uint8, shape)
    painted = np.lib.format.open_memmap(folder / "painted.npy", "w+", np.float16, shape)
    for first in range(0, shot.count, CHUNK):
        numbers = range(first, min(first + CHUNK, shot.count))
        for number, frame in zip(numbers, shot.sample(numbers), strict=True):
            sources[number] = (painter.shrink(frame)[0] * 255).round().byte().numpy()
    estimate = DisFlow()
    for done in range(passes):
        forth = range(shot.count)
        neighbour: int | None = None
        for step, number in enumerate(forth if done % 2 == 0 else reversed(forth)):
            source, held = _load(sources, number) / 255, []
            if done == 0:
                start = painter.moved(source)
            elif neighbour is None:
                start = _load(painted, number)
            else:
                now, then = gray_of(source), gray_of(_load(sources, neighbour) / 255)
                held = [carry(now, then, _load(painted, neighbour), estimate)]
                # The paper's blend factor, the share of the neighbour where it is visible, is 1.
                start = lay_over(_load(painted, number), held)
            weight = temporal_weight if done >= temporal_from else 0.0
            painted[number] = painter.paint(source, start, held, weight, fresh=done == 0)[0].numpy()
            neighbour = number
            progress((done * shot.count + step + 1) / (passes * shot.count))
    return painted


def _load(stored: np.ndarray, number: int) -> Tensor:
    return torch.from_numpy(stored[number].astype(np.float32))[None]
