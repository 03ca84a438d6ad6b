"""What the networks of this family are taught by, in adapting to a clip and in `impasto learn`.

Legend: N one frame or two neighbours, H height, W width.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from impasto.losses.temporal import temporal_loss
from impasto.motion.flow import DisFlow, gray
from impasto.motion.occlusion import consistent
from impasto.motion.warp import warp_tensor
from impasto.perception.encoder import Encoder
from impasto.perception.statistics import content_distance, style_distance, style_statistics
from impasto.stylizers.feedforward.code import split_layers
from impasto.weights.precision import autocast

StyleGap = Callable[[Sequence[Tensor], Sequence[Tensor]], Tensor]
"""Features of the painted frames and of the frames themselves -> [N]: 0 is the style, 1 what there was to do."""


def statistics_gap(statistics: Tensor) -> StyleGap:
    """The share that is left of the distance to the statistics [2944] of a style; floored where there was little."""
    wanted = split_layers(statistics[None])

    def gap(seen: Sequence[Tensor], plain: Sequence[Tensor]) -> Tensor:
        before = style_distance(style_statistics(plain), wanted)
        return style_distance(style_statistics(seen), wanted) / before.clamp(min=0.3)

    return gap


def crop(frames_NHW3: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    """The same crop of all frames, no side above `size`, sides multiples of 16."""
    height, width = frames_NHW3.shape[1:3]
    rows, columns = min(size, height) // 16 * 16, min(size, width) // 16 * 16
    y, x = int(rng.integers(0, height - rows + 1)), int(rng.integers(0, width - columns + 1))
    return np.ascontiguousarray(frames_NHW3[:, y : y + rows, x : x + columns])


def unsteadiness(painted_2CHW: Tensor, pair_2HW3: np.ndarray, estimate: DisFlow) -> Tensor:
    """`temporal_loss` of the two outputs along the source's flow, mean over the pixels where it is trusted."""
    grays = [gray((frame * 255).astype(np.uint8)) for frame in pair_2HW3]
    forward, backward = estimate(grays[0], grays[1]), estimate(grays[1], grays[0])
    trusted = torch.from_numpy(consistent(forward, backward)).float()[None]
    carried = warp_tensor(painted_2CHW[1:], torch.from_numpy(forward)[None])
    return temporal_loss(painted_2CHW[:1], carried, trusted)[0] / trusted.mean().clamp(min=1 / trusted.numel())


SHIFT = 4
"""Pixels by which the encoder's view moves at random: a network that knew which positions it samples (every second one
at relu1_1, the corners of every pooling) would paint for those alone."""


def random_window(height: int, width: int, rng: np.random.Generator) -> tuple[slice, slice]:
    """Rows and columns of a view that is smaller by `SHIFT`; all of a small picture."""
    if min(height, width) < 64:
        return slice(height), slice(width)
    y, x = (int(start) for start in rng.integers(0, SHIFT + 1, 2))
    return slice(y, y + height - SHIFT), slice(x, x + width - SHIFT)


@dataclass(frozen=True)
class Terms:
    """Scalars, not yet weighted."""

    gap: Tensor
    content: Tensor
    temporal: Tensor
    """0 where there is only one frame."""
    painted: Tensor
    """[N, 3, H, W]"""


class Objective:
    """Judges what a network paints, through an encoder."""

    def __init__(self, encoder: Encoder, gap: StyleGap) -> None:
        self.encoder = encoder
        self.gap = gap
        self.flow = DisFlow("fast")

    def __call__(self, frames_NHW3: np.ndarray, paint: Callable[[Tensor], Tensor], rng: np.random.Generator) -> Terms:
        """The terms for one frame or for two neighbours.

        Args:
            frames_NHW3: float32 RGB in [0, 1]; sides multiples of 16, of at least 32 pixels.
            paint: [N, 3, H, W] -> the same, float32, about [0, 1].
            rng: chooses what window of them the encoder sees.
        """
        frames = torch.from_numpy(frames_NHW3).permute(0, 3, 1, 2)
        painted = paint(frames)
        rows, columns = random_window(frames.shape[2], frames.shape[3], rng)
        views = [each[..., rows, columns].contiguous(memory_format=torch.channels_last) for each in (painted, frames)]
        with autocast():
            seen = self.encoder(views[0], first_stride=2)
            with torch.no_grad():
                plain = self.encoder(views[1], first_stride=2)
        temporal = unsteadiness(painted, frames_NHW3, self.flow) if len(frames_NHW3) == 2 else torch.zeros(())
        return Terms(self.gap(seen, plain).mean(), content_distance(seen[3], plain[3]).mean(), temporal, painted)
