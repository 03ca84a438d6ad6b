"""Frames at the size that a model works at, and what it painted of them at their own.

Legend: T frames, H height, W width.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from torch import Tensor

from impasto.guidance import Guidance
from impasto.stylizers.base import FrameArray
from impasto.stylizers.blending import blend


@dataclass(frozen=True)
class Resizing:
    """For the frames of one shot."""

    size: tuple[int, int]
    """(width, height) that the model works at."""
    guidance: Guidance
    blank: bool = False
    """The frames show nothing that is to be kept."""

    def through(
        self, frames: Iterable[FrameArray], paint: Callable[[Iterator[FrameArray]], Iterable[FrameArray]]
    ) -> Iterator[FrameArray]:
        """What `paint` makes of the frames at the model's size, in the same order, at their own."""
        inside: deque[FrameArray] = deque()

        def shrunken() -> Iterator[FrameArray]:
            for frame in frames:
                inside.append(frame)
                yield self.shrink(frame)

        for painted in paint(shrunken()):
            yield self._finished(inside.popleft(), painted)

    def shrink(self, frame: FrameArray) -> FrameArray:
        return np.asarray(cv2.resize(frame, self.size, interpolation=cv2.INTER_AREA), np.float32)

    def _finished(self, frame: FrameArray, painted: FrameArray) -> FrameArray:
        """The change is added to the frame, so that its fine detail stays."""
        height, width = frame.shape[:2]
        if self.blank:
            return np.clip(cv2.resize(painted, (width, height), interpolation=cv2.INTER_CUBIC), 0, 1)
        change = cv2.resize(painted - self.shrink(frame), (width, height), interpolation=cv2.INTER_CUBIC)
        return np.clip(blend(frame, frame + change, self.guidance), 0, 1)


def as_clip(frames_THW3: np.ndarray, device: torch.device) -> Tensor:
    """[1, 3, T, H, W], as autoencoders take clips."""
    return torch.from_numpy(frames_THW3).permute(3, 0, 1, 2)[None].to(device)


def as_frames(clip_13THW: Tensor) -> np.ndarray:
    """[T, H, W, 3] in [0, 1], float32, of a clip that was decoded."""
    return clip_13THW.clamp(0, 1)[0].permute(1, 2, 3, 0).float().cpu().numpy()
