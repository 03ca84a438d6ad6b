"""Painting the frames of one shot by optimisation, from coarse to fine.

Legend: H height, W width; tensors are at the working size unless they are said to be at another.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.color.transport import ColorStatistics, apply, color_statistics, transport
from impasto.errors import UnsupportedOption
from impasto.guidance import Guidance, Style
from impasto.losses.style import STYLE_LOSSES
from impasto.perception.encoder import Encoder
from impasto.stylizers.base import FrameArray, ShotFrames
from impasto.stylizers.blending import blend
from impasto.stylizers.feedforward.code import split_layers
from impasto.stylizers.feedforward.styles import named_code
from impasto.stylizers.optimization.config import WORKING_PIXELS, PaintingConfig
from impasto.stylizers.optimization.descent import descend
from impasto.stylizers.optimization.energy import Carried, ShotEnergy, StyleTarget
from impasto.stylizers.stylepicture import style_picture
from impasto.weights.memory import keep_freed_memory

SMALLEST = 32
"""Pixels that the encoder needs in width and height."""
SAMPLED_FRAMES = 5
"""Of a shot, for its colours and its distance from the style."""
COLOR_SIDE = 128
"""Short side at which the colours of a style picture are measured."""

Size = tuple[int, int]
"""(height, width)"""


def working_size(height: int, width: int) -> Size:
    """The size at which a frame is painted: its own where that is neither too small nor too large."""
    ratio = max(min(1.0, math.sqrt(WORKING_PIXELS / (height * width))), SMALLEST / min(height, width))
    return max(SMALLEST, round(height * ratio)), max(SMALLEST, round(width * ratio))


def resized(rgb_13HW: Tensor, size: Size) -> Tensor:
    """Bicubic; may leave the range of its input by a little."""
    if rgb_13HW.shape[2:] == size:
        return rgb_13HW
    return F.interpolate(rgb_13HW, size, mode="bicubic", antialias=True)


class Painter:
    """Paints frames of one shot.

    Raises:
        UnsupportedOption: the style loss is unknown, or needs a picture where only a name is given.
    """

    def __init__(self, guidance: Guidance, shot: ShotFrames, config: PaintingConfig, encoder: Encoder) -> None:
        keep_freed_memory()
        if config.style_loss not in STYLE_LOSSES:
            raise UnsupportedOption(f"Unknown style loss {config.style_loss!r}; known are {', '.join(STYLE_LOSSES)}.")
        self._guidance, self._config = guidance, config
        width, height = shot.size
        self.size = working_size(height, width)
        total = sum(style.weight for style in guidance.styles)
        styles = [(style, style.weight / total) for style in guidance.styles]
        indices = sorted({round(i * (shot.count - 1) / (SAMPLED_FRAMES - 1)) for i in range(SAMPLED_FRAMES)})
        frames = [self.shrink(frame) for frame in shot.sample(indices)]
        self._colors = _color_map(frames, styles)
        self._levels = [
            ShotEnergy(
                encoder,
                STYLE_LOSSES[config.style_loss],
                [_target(style, share, config.style_loss, encoder, min(size)) for style, share in styles],
                config,
                [resized(frame, size) for frame in frames],
            )
            for size in self._sizes()
        ]

    def _sizes(self) -> list[Size]:
        """Of the pyramid, coarse to fine."""
        height, width = self.size
        return [
            (height >> level, width >> level)
            for level in reversed(range(self._config.levels))
            if level == 0 or min(height, width) >> level >= SMALLEST
        ]

    def shrink(self, frame: FrameArray) -> Tensor:
        """A frame of the shot [height, width, 3] at the working size."""
        return resized(_tensor(frame), self.size).clamp(0, 1)

    def moved(self, source_13HW: Tensor) -> Tensor:
        """The source in the colours of the style, by one map for the whole shot: colours do not flicker."""
        return apply(source_13HW, *self._colors).clamp(0, 1)

    def paint(
        self,
        source_13HW: Tensor,
        start_13HW: Tensor,
        carried: Sequence[Carried] = (),
        temporal_weight: float = 0.0,
        fresh: bool = True,
    ) -> Tensor:
        """The source repainted.

        Args:
            start_13HW: where the optimisation begins.
            carried: what the painting is held to, at `temporal_weight`.
            fresh: the start has no brush strokes yet, so that the large ones come first, at the coarse levels.
        """
        picture = start_13HW
        for level in self._levels if fresh else self._levels[-1:]:
            start = resized(picture, level.size).clamp(0, 1)
            held = [
                Carried(resized(frame.picture, level.size), resized(frame.weight[None], level.size)[0])
                for frame in carried
            ]
            energy = level.of(resized(source_13HW, level.size), held, temporal_weight)
            painted = descend(start, energy, self._config.method, self._config.iterations)
            # Only the change comes up: a finer start keeps its detail.
            picture = (picture + resized(painted - start, self.size)).clamp(0, 1)
        return picture

    def finished(self, frame: FrameArray, source_13HW: Tensor, painted_13HW: Tensor) -> FrameArray:
        """The frame to show, at its own size: the change of the painting added to the frame, and the user's knobs."""
        height, width = frame.shape[:2]
        change = resized(painted_13HW - source_13HW, (height, width))[0].permute(1, 2, 0).numpy()
        return np.clip(blend(frame, frame + change, self._guidance), 0, 1)


def _tensor(frame: FrameArray) -> Tensor:
    return torch.from_numpy(frame).permute(2, 0, 1)[None].contiguous()


def _color_map(frames: Sequence[Tensor], styles: Sequence[tuple[Style, float]]) -> tuple[Tensor, Tensor]:
    """Matrix and offset from the colours of the shot to those of the styles, each by its share."""
    shot = color_statistics(torch.cat([frame[0].flatten(1).T for frame in frames]))
    maps = [transport(shot, _style_colors(style)) for style, _ in styles]
    shares = torch.tensor([share for _, share in styles])
    matrices, offsets = (torch.stack(parts) for parts in zip(*maps, strict=True))
    return torch.einsum("s,sij->ij", shares, matrices), shares @ offsets


def _style_colors(style: Style) -> ColorStatistics:
    if style.image is None:
        return named_code(str(style.name)).colors
    return color_statistics(style_picture(style.image, COLOR_SIDE)[0].flatten(1).T)


@torch.no_grad()
def _target(style: Style, share: float, loss: str, encoder: Encoder, side: int) -> StyleTarget:
    """The style seen as large as the frame: short side to short side (Gatys 2016, section 3)."""
    if style.image is not None:
        layers = encoder(style_picture(style.image, side))
        return StyleTarget([STYLE_LOSSES[loss].measure(layer) for layer in layers], share)
    if loss != "moments":
        raise UnsupportedOption(
            f"The named style {style.name!r} is kept as moments, which the style loss {loss!r} cannot use; "
            "give a picture with --style."
        )
    # Measured at the one scale of named styles, whatever the size of the frame.
    return StyleTarget(list(split_layers(named_code(str(style.name)).statistics[None])), share)
