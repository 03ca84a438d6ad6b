"""Colours of a long clip, held to what its first window made of them.

Each window goes on from the one before, and small errors of colour add up. What the first window did to the colours of
its source is one affine map; a later window is shifted, as a whole, to where that map leads its own source's mean.

Legend: T frames, H height, W width.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

from impasto.color.transport import color_statistics, transport

KEY = "anchor"
"""Of the state of a shot: [3, 4], matrix and offset."""
Frames = NDArray[np.float32]
"""[T, H, W, 3] in [0, 1]"""


def anchored(sources: Frames, painted: Frames, state: dict[str, np.ndarray]) -> Frames:
    """The painting of a window with its mean colour where the first window's map says; the first sets that map."""
    if KEY not in state:
        state[KEY] = _map(sources, painted)
        return painted
    return np.clip(painted + _wanted(sources, state) - painted.mean((0, 1, 2)), 0, 1).astype(np.float32)


def _map(sources: Frames, painted: Frames) -> np.ndarray:
    statistics = (color_statistics(torch.from_numpy(frames.reshape(-1, 3))) for frames in (sources, painted))
    matrix, offset = transport(*statistics)
    return torch.cat([matrix, offset[:, None]], 1).numpy()


def _wanted(sources: Frames, state: Mapping[str, np.ndarray]) -> NDArray[np.float32]:
    matrix, offset = np.split(state[KEY], [3], 1)
    return np.clip(matrix @ sources.mean((0, 1, 2)) + offset[:, 0], 0, 1).astype(np.float32)
