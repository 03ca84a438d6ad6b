"""What the control branch is shown of a clip: its structure, and as little else as can be (StyleMaster, section 3.5).

Legend: T frames, C channels, H height, W width.
"""

from typing import Literal

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

Preparation = Literal["gray tile", "rgb tile", "canny"]
"""The gray tile is the method; colours leak through the others, or structure is lost (ablations)."""

TILE_FACTOR = 4
"""By which a tile is smaller than the frame before it is enlarged again; the paper names none."""
CANNY_THRESHOLDS = (100, 200)
_LUMA = (0.299, 0.587, 0.114)


def tile(frames_TCHW: Tensor, factor: int = TILE_FACTOR) -> Tensor:
    """Frames without what is finer than `factor` pixels, of the same size."""
    size = frames_TCHW.shape[-2:]
    small = F.interpolate(frames_TCHW, [max(1, round(side / factor)) for side in size], mode="area")
    return F.interpolate(small, size, mode="bilinear")


def gray(frames_TCHW: Tensor) -> Tensor:
    """Lightness in all three channels."""
    weights = torch.tensor(_LUMA).to(frames_TCHW).view(1, 3, 1, 1)
    return (frames_TCHW * weights).sum(1, keepdim=True).expand_as(frames_TCHW)


def canny(frames_TCHW: Tensor) -> Tensor:
    """White edges on black (Canny 1986)."""
    bytes_THW = (255 * gray(frames_TCHW)[:, 0]).round().to(torch.uint8).cpu().numpy()
    edges_THW = np.stack([cv2.Canny(frame, *CANNY_THRESHOLDS) for frame in bytes_THW])
    return torch.from_numpy(edges_THW).to(frames_TCHW)[:, None].div(255).expand_as(frames_TCHW)


def prepared(frames_TCHW: Tensor, preparation: Preparation, factor: int = TILE_FACTOR) -> Tensor:
    """What the control branch sees of frames in [0, 1], [T, 3, H, W] in [0, 1]."""
    if preparation == "gray tile":
        return tile(gray(frames_TCHW), factor)
    return tile(frames_TCHW, factor) if preparation == "rgb tile" else canny(frames_TCHW)
