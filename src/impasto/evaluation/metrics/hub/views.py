"""How published networks want to see a frame: its size, what is cut off, the scale of its values.

Legend: H height, W width.
"""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.evaluation.metrics.frames import Frame, check_frame

Mode = Literal["bicubic", "bilinear"]
Triple = tuple[float, float, float]

SIDE = 224
CLIP_MEAN, CLIP_DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
IMAGENET_MEAN, IMAGENET_DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CROPPED = "then centre crop 224x224: the left and right of a 16:9 frame, 44 % of it, are not seen"


@dataclass(frozen=True, kw_only=True)
class View:
    """The short side is made `SIDE` pixels long, the other follows."""

    words: str
    """What a report says of it."""
    mode: Mode
    mean: Triple = IMAGENET_MEAN
    deviation: Triple = IMAGENET_DEVIATION
    crop: bool = False
    """Whether only the square in the middle is seen."""
    longest: int | None = None
    """Pixels of the longer side at most."""
    multiple: int = 1
    """Of which both sides are a multiple."""

    def __call__(self, frame: Frame) -> Tensor:
        """[1, 3, H, W], of mean 0 and deviation 1 over the pictures that the network was trained with.

        Raises:
            InputError: the frame is no picture.
        """
        height, width = frame.shape[:2]
        picture = resized(frame, self._size(height, width), self.mode)
        if self.crop:
            top, left = (round((side - SIDE) / 2) for side in picture.shape[2:])
            picture = picture[..., top : top + SIDE, left : left + SIDE]
        return normalised(picture, self.mean, self.deviation)

    def _size(self, height: int, width: int) -> tuple[int, int]:
        short, long = sorted((height, width))
        # Rounded down, as torchvision does.
        to_short, to_long = SIDE, SIDE * long // short
        if self.longest and to_long > self.longest:
            to_short, to_long = self.longest * to_short // to_long, self.longest
        to_short, to_long = (max(1, side // self.multiple) * self.multiple for side in (to_short, to_long))
        return (to_short, to_long) if height <= width else (to_long, to_short)


def resized(frame: Frame, size: tuple[int, int], mode: Mode) -> Tensor:
    """The whole frame at another height and width, [1, 3, H, W] in [0, 1]; raises `InputError` for no picture."""
    check_frame(frame)
    picture = torch.from_numpy(frame).float().permute(2, 0, 1)[None]
    # As Pillow does, but without its rounding to 8 bits: weights widened when a picture shrinks, overshoot cut off.
    return F.interpolate(picture, size, mode=mode, antialias=True).clamp(0, 1)


def normalised(picture: Tensor, mean: Triple, deviation: Triple) -> Tensor:
    """[1, 3, H, W] less the mean, over the deviation, of each channel."""
    return (picture - picture.new_tensor(mean).view(1, 3, 1, 1)) / picture.new_tensor(deviation).view(1, 3, 1, 1)


CLIP_VIEW = View(
    words=f"short side {SIDE}, bicubic with antialiasing, {CROPPED}",
    mode="bicubic",
    mean=CLIP_MEAN,
    deviation=CLIP_DEVIATION,
    crop=True,
)
