"""Frames with mirrored margins, so that the padding of the convolutions stays out of the picture.

Legend: T frames, B batch, H height, W width.
"""

from collections.abc import Callable
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.stylizers.base import FrameArray
from impasto.stylizers.feedforward.network import MULTIPLE

MARGIN = 8
"""Pixels mirrored around the frame."""

Engine = Callable[[FrameArray], FrameArray]
"""May be called from several threads."""


def padding(height: int, width: int) -> tuple[int, int, int, int]:
    """(left, right, top, bottom) that bring a frame and its margins to multiples of `MULTIPLE`."""
    extra = [-(side + 2 * MARGIN) % MULTIPLE for side in (width, height)]
    return MARGIN, MARGIN + extra[0], MARGIN, MARGIN + extra[1]


def mirrored(height: int, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows and the columns of a frame that make it up with its margins, in order."""
    left, right, top, bottom = padding(height, width)
    rows = np.pad(np.arange(height), (top, bottom), mode="reflect")
    return rows, np.pad(np.arange(width), (left, right), mode="reflect")


def pad_frames(rgb_T3HW: Tensor) -> Tensor:
    """Frames with mirrored margins; frames smaller than a margin are mirrored again."""
    rows, columns = (torch.from_numpy(places) for places in mirrored(*rgb_T3HW.shape[2:]))
    return rgb_T3HW[:, :, rows][..., columns]


def eager_engine(paint: Callable[[Tensor], Tensor]) -> Engine:
    """A network of torch, [1, 3, H, W] with sides that are multiples of `MULTIPLE`, for frames of any size."""
    # Every frame takes all of torch's threads; two at once would hold each other up.
    alone = Lock()

    @torch.no_grad()
    def run(frame: FrameArray) -> FrameArray:
        height, width = frame.shape[:2]
        with alone:
            y = paint(pad_frames(torch.from_numpy(frame).permute(2, 0, 1)[None]))
        y = y[..., MARGIN : MARGIN + height, MARGIN : MARGIN + width]
        return np.ascontiguousarray(y.clamp(0, 1)[0].permute(1, 2, 0).numpy())

    return run
