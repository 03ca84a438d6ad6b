"""Carrying one painted frame along the motion of the source, for as long as what it shows is in sight.

Legend: H height, W width. Frames are float32 RGB [H, W, 3] in [0, 1].

Where every pixel came from is followed from frame to frame, and the painting is sampled once: it does not blur, as a
frame does that is carried from each to the next. The source says where that still holds.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from impasto.motion.flow import DisFlow, Flow, gray, pixel_grid, resize_flow
from impasto.motion.stabilize import Frame


@dataclass(frozen=True)
class AnchorConfig:
    side: int = 180
    """Short side at which the motion is followed."""
    tolerance: float = 0.2
    """Difference from the painted frame's source, in units of [0, 1], at which trust has fallen to 1/e."""
    lost: float = 0.2
    """Trust below which a pixel is out of sight for good."""


class Anchor:
    """Lays a painting over frames; `carry` holds what the next frame needs and can be stored between segments.

    Args:
        source: the frame that was painted, uint8 [H, W, 3].
        painted: the painting of it, float32 [H, W, 3].
        known: where it is painted, uint8 [H, W], 0 or 255.
    """

    def __init__(
        self, source: NDArray[np.uint8], painted: Frame, known: NDArray[np.uint8], config: AnchorConfig | None = None
    ) -> None:
        self.config = config or AnchorConfig()
        self._source, self._painted = self._small(np.divide(source, 255, dtype=np.float32)), painted
        size = self._source.shape[1::-1]
        self._known = cv2.resize(known, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
        self._flow = DisFlow("medium")
        self.carry: dict[str, np.ndarray] = {}

    def __call__(self, source: Frame, frame: Frame) -> Frame:
        """The frame with the painting over it where that is in sight: nowhere before the painted frame has come."""
        now = self._small(source)
        grid = pixel_grid(*now.shape[:2])
        # The painted frame itself has come: its source was kept as bytes, and a frame of a program need not be.
        if cv2.absdiff(now, self._source).max() <= 1:
            place, sight = grid, np.ones(now.shape[:2], np.float32)
        elif self.carry:
            target = grid + self._flow(gray(now), gray(self.carry["source"]))
            before = grid + self.carry["shift"]
            place = cv2.remap(before, target, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            sight = cv2.remap(self.carry["sight"], target, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
        else:
            return frame
        seen, known = (
            cv2.remap(each, place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            for each in (self._source, self._known)
        )
        # What is there must look as it did when it was painted, in all its colours and around it.
        difference = cv2.GaussianBlur(cv2.absdiff(now, seen).max(-1).astype(np.float32) / 255, (0, 0), 1.5)
        trust = np.exp(-((difference / self.config.tolerance) ** 2))
        sight = sight * (trust > self.config.lost)
        self.carry = {"source": now, "shift": place - grid, "sight": sight}
        return self._over(frame, place - grid, trust * sight * known)

    def _small(self, frame: Frame) -> NDArray[np.uint8]:
        height, width = frame.shape[:2]
        ratio = min(1.0, self.config.side / min(height, width))
        size = max(16, round(width * ratio)), max(16, round(height * ratio))
        return (cv2.resize(frame, size, interpolation=cv2.INTER_AREA) * 255).astype(np.uint8)

    def _over(self, frame: Frame, shift: Flow, weight: NDArray[np.float32]) -> Frame:
        height, width = frame.shape[:2]
        place = pixel_grid(height, width) + resize_flow(shift, (width, height))
        shown = cv2.remap(self._painted, place, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        weight = cv2.resize(weight, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.clip(cv2.blendLinear(shown, frame, weight, 1 - weight), 0, 1)
