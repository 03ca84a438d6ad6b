"""How well a picture was repainted: the share of the style gap that is left, and how far the content moved.

* gap = D(output, style) / D(photo, style), D = `style_distance` on VGG-like features: 0 is the style, 1 the photo.
* gap_other = the same on SqueezeNet's features.
* content = `content_distance` of output and photo: 0 is the photo.

All three pictures are seen at 256x256 (`square`).
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from impasto.evaluation.squeezenet import SqueezeNet
from impasto.perception.statistics import content_distance, style_distance, style_statistics
from impasto.perception.teacher import Teacher

SIDE = 256


def square(rgb: NDArray[np.uint8]) -> Tensor:
    """The centre of a picture [H, W, 3] at a short side of 256 (Lanczos): [1, 3, 256, 256] in [0, 1]."""
    picture = Image.fromarray(rgb)
    ratio = SIDE / min(picture.size)
    width, height = (max(SIDE, round(side * ratio)) for side in picture.size)
    picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    left, top = (width - SIDE) // 2, (height - SIDE) // 2
    picture = picture.crop((left, top, left + SIDE, top + SIDE))
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None].float() / 255


def read_picture(path: Path) -> NDArray[np.uint8]:
    """RGB [H, W, 3] as the file stores it."""
    with Image.open(path) as picture:
        return np.array(picture.convert("RGB"))


@dataclass(frozen=True)
class Seen:
    """What both networks see in one picture; worth keeping where a photo or a style is judged many times."""

    statistics: list[Tensor]
    other_statistics: list[Tensor]
    relu4_1: Tensor


@dataclass(frozen=True)
class Verdict:
    gap: float
    content: float
    gap_other: float


class Judge:
    """Holds the two networks.

    Raises:
        ModelError: their weights are not in the data folder.
    """

    def __init__(self) -> None:
        self.first, self.second = Teacher(), SqueezeNet()

    @torch.no_grad()
    def see(self, rgb: NDArray[np.uint8]) -> Seen:
        """Look at a picture [H, W, 3] of any size."""
        picture = square(rgb)
        features = self.first(picture)
        return Seen(style_statistics(features), style_statistics(self.second(picture)), features[3])

    def __call__(self, output: Seen, photo: Seen, style: Seen) -> Verdict:
        gap, gap_other = (
            (style_distance(now, target) / style_distance(before, target)).item()
            for now, before, target in (
                (output.statistics, photo.statistics, style.statistics),
                (output.other_statistics, photo.other_statistics, style.other_statistics),
            )
        )
        return Verdict(gap, content_distance(output.relu4_1, photo.relu4_1).item(), gap_other)


def mean_verdict(verdicts: list[Verdict]) -> Verdict:
    """Mean of each figure."""
    gap, content, gap_other = np.mean([(v.gap, v.content, v.gap_other) for v in verdicts], axis=0)
    return Verdict(float(gap), float(content), float(gap_other))
