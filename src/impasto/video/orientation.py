"""Turning a stored picture the way its display matrix asks for."""

from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from av.video.frame import VideoFrame

from impasto.video.types import Picture


@dataclass(frozen=True)
class Orientation:
    """First swap the axes, then mirror left-right, then top-bottom: all eight ways to lay a picture."""

    swap: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    def apply(self, picture: Picture) -> Picture:
        """The picture [H, W] or [H, W, C] as displayed, contiguous."""
        turned: np.ndarray = cv2.transpose(picture) if self.swap else picture
        if self.mirror_x or self.mirror_y:
            turned = cv2.flip(
                turned, {(True, False): 1, (False, True): 0, (True, True): -1}[self.mirror_x, self.mirror_y]
            )
        return turned.astype(np.uint8, copy=False)

    def size(self, width: int, height: int) -> tuple[int, int]:
        return (height, width) if self.swap else (width, height)

    def aspect(self, sample_aspect: Fraction) -> Fraction:
        return 1 / sample_aspect if self.swap else sample_aspect


def orientation_of(frame: VideoFrame) -> Orientation:
    """Nearest right-angled orientation of a decoded frame; phones write nothing else."""
    data = frame.side_data.get("DISPLAYMATRIX")
    if data is None:
        return Orientation()
    (a, b, _), (c, d, _), _ = np.frombuffer(data, np.int32).reshape(3, 3).tolist()
    if abs(b) > abs(a):
        return Orientation(swap=True, mirror_x=c < 0, mirror_y=b < 0)
    return Orientation(mirror_x=a < 0, mirror_y=d < 0)
