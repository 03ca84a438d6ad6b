"""Depth by Depth Anything V2 Small (Yang 2024), a published network.

Legend: H height, W width.
"""

from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch
from transformers import DepthAnythingForDepthEstimation, DPTImageProcessorPil

from impasto.perception.control.pictures import Frame
from impasto.weights.pretrained import load_network, load_reader


class DepthAnything:
    """The network of a folder; raises `ModelError` where it cannot be read."""

    def __init__(self, place: Path) -> None:
        self._net = load_network(DepthAnythingForDepthEstimation, place, torch.float32)
        self._processor = load_reader(DPTImageProcessorPil, place)

    @torch.no_grad()
    def __call__(self, frame: Frame) -> np.ndarray:
        """Inverse depth [H, W], up to scale and offset."""
        rgb = (255 * np.clip(frame, 0, 1)).round().astype(np.uint8)
        pixels = self._processor(images=[rgb], return_tensors="pt").pixel_values
        inverse_hw = self._net(pixels).predicted_depth[0].numpy()
        return cv2.resize(inverse_hw, frame.shape[1::-1], interpolation=cv2.INTER_CUBIC)


depth_anything = cache(DepthAnything)
"""One for each folder."""
