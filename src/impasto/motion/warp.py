"""Sampling a frame along a flow, for arrays and, differentiably, for tensors."""

from typing import TypeVar

import cv2
import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from impasto.motion.flow import Flow, pixel_grid

Image = TypeVar("Image", NDArray[np.float32], NDArray[np.uint8])


def warp(second: Image, flow: Flow) -> Image:
    """The second frame [H, W, ...] seen from the first, `second[y + dy, x + dx]`, borders replicated."""
    target = pixel_grid(*flow.shape[:2]) + flow
    return cv2.remap(second, target, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def warp_tensor(second_BCHW: Tensor, flow_BHW2: Tensor) -> Tensor:
    """`warp` for tensors [B, C, H, W] and flows [B, H, W, 2]; gradients reach the frame and the flow."""
    height, width = second_BCHW.shape[2:]
    grid = torch.from_numpy(pixel_grid(height, width)).to(flow_BHW2)
    scale = flow_BHW2.new_tensor([2 / max(width - 1, 1), 2 / max(height - 1, 1)])
    return F.grid_sample(second_BCHW, (grid + flow_BHW2) * scale - 1, padding_mode="border", align_corners=True)
