"""Keeping repainted frames steady: each is blended with the one before it, carried along the motion of the source.

Legend: H height, W width. Frames are float32 RGB [H, W, 3] in [0, 1].

Ruder's constraint (2016, eq. 7) solved in closed form for each pixel: where the flow is trusted, the output nearest to
both the new painting and the carried one, `(1 - w) painted + w carried`.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from impasto.motion.flow import DisFlow, Quality, gray, pixel_grid, resize_flow

Frame = NDArray[np.float32]


@dataclass(frozen=True)
class StabilizerConfig:
    weight: float = 0.85
    """Share of the carried frame where the flow is certain."""
    flow_side: int = 180
    """Short side at which the flow is estimated."""
    tolerance: float = 0.07
    """Difference of the source along the flow, in units of [0, 1], at which trust has fallen to 1/e."""
    flow: Quality = "fast"


class Stabilizer:
    """Blends along the flow; `carry` holds what the next frame needs and can be stored between segments."""

    def __init__(self, config: StabilizerConfig | None = None) -> None:
        self.config = config or StabilizerConfig()
        self.flow = DisFlow(self.config.flow)
        self.carry: dict[str, np.ndarray] = {}

    def __call__(self, source: Frame, painted: Frame) -> Frame:
        """The steadied frame; the first of a shot is given back as it is."""
        height, width = source.shape[:2]
        ratio = min(1.0, self.config.flow_side / min(height, width))
        size = max(16, round(width * ratio)), max(16, round(height * ratio))
        small = cv2.resize(source, size, interpolation=cv2.INTER_AREA)
        now = gray((small * 255).astype(np.uint8))
        steady = painted
        if self.carry:
            steady = self._blend(now, self.carry["gray"], painted, self.carry["steady"])
        self.carry = {"gray": now, "steady": steady}
        return steady

    def _blend(self, now: NDArray[np.uint8], before: NDArray[np.uint8], painted: Frame, carried: Frame) -> Frame:
        height, width = painted.shape[:2]
        back = self.flow(now, before)
        target = pixel_grid(*now.shape) + back
        seen = cv2.remap(before, target, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        # The source itself says where the flow holds: an occluded or wrongly matched pixel looks different there.
        # Cheaper than a second flow for the forward-backward check, and it covers changes of light as well.
        difference = cv2.absdiff(now, seen).astype(np.float32) / 255
        difference = cv2.dilate(cv2.GaussianBlur(difference, (0, 0), 1.0), np.ones((3, 3), np.uint8))
        trust = self.config.weight * np.exp(-((difference / self.config.tolerance) ** 2))
        x, y = target[..., 0], target[..., 1]
        trust[(x < 0) | (x > now.shape[1] - 1) | (y < 0) | (y > now.shape[0] - 1)] = 0
        trust = cv2.resize(trust, (width, height), interpolation=cv2.INTER_LINEAR)
        field = pixel_grid(height, width) + resize_flow(back, (width, height))
        # Cubic: bilinear sampling would blur the carried frame a little more with every step.
        warped = cv2.remap(carried, field, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return cv2.blendLinear(warped, painted, trust, 1 - trust)
