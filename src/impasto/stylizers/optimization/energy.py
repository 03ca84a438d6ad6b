"""What a painted frame is asked for: style, content, smoothness, and to look as it did in the frames before.

Legend: B pictures, C channels, H height, W width.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.losses.content import content_loss
from impasto.losses.style import StyleLoss
from impasto.losses.temporal import temporal_loss
from impasto.losses.variation import total_variation
from impasto.perception.encoder import Encoder
from impasto.stylizers.optimization.config import PaintingConfig
from impasto.stylizers.optimization.descent import Energy
from impasto.weights.precision import autocast

CONTENT_LAYER = 3
"""relu4_1. The papers take conv4_2, which the embedded encoder does not give."""
SHIFTS = ((0, 0), (3, 5), (6, 1), (1, 6))
"""Pixels down and right by which the picture moves under the encoder from step to step of Adam. Seen always from the
same place it gets a pattern, in the grid of the pooling, that this encoder alone takes for the style. Each parity of
rows and columns has its turn, so that relu1_1 can be seen at every second position only."""
ROOM = 8
LEAST_UNIT = 0.01
"""Of the value for noise: what agrees with the style from the start, or says nothing, must not outweigh all else."""


@dataclass(frozen=True)
class StyleTarget:
    """A style, as the style loss measured its layers."""

    kept: list[Any]
    weight: float


@dataclass(frozen=True)
class Carried:
    """A frame that was painted before, seen from the one to be painted."""

    picture: Tensor
    """[1, 3, H, W]"""
    weight: Tensor
    """[1, H, W], 0..1: how much it counts."""


class ShotEnergy:
    """The energy of painting the frames of one shot at one size.

    Args:
        samples: frames of the shot; how far they are from the style, and how strong their content, become the units.
    """

    def __init__(
        self,
        encoder: Encoder,
        loss: StyleLoss,
        targets: Sequence[StyleTarget],
        config: PaintingConfig,
        samples: Sequence[Tensor],
    ) -> None:
        height, width = samples[0].shape[2:]
        self.size = height, width
        self._encoder, self._loss, self._targets, self._config = encoder, loss, targets, config
        # L-BFGS needs the same energy at every step, and gradients with more digits than bfloat16 has.
        self._shifts = SHIFTS if config.method == "adam" else SHIFTS[:1]
        # A departure from both papers, see PaintingConfig.
        of_samples = torch.stack([self._magnitudes(sample) for sample in samples]).mean(0)
        noise = torch.rand(samples[0].shape, generator=torch.Generator().manual_seed(0))
        units = torch.maximum(of_samples, LEAST_UNIT * self._magnitudes(noise))
        self._style_units, self._content_unit = units[:-1], units[-1]

    def of(self, source_13HW: Tensor, carried: Sequence[Carried], temporal_weight: float) -> Energy:
        """The energy of the pictures that repaint `source` and are held to what was painted before."""
        with torch.no_grad():
            contents = [self._see(source_13HW, n)[CONTENT_LAYER].float() for n in range(len(self._shifts))]

        def energy(picture_13HW: Tensor, step: int) -> Tensor:
            number = step % len(self._shifts)
            features = self._see(picture_13HW, number)
            style = (self._style_terms(features) / self._style_units).mean()
            content = content_loss(features[CONTENT_LAYER].float(), contents[number]).sum() / self._content_unit
            variation = total_variation(picture_13HW).sum()
            temporal = sum(temporal_loss(picture_13HW, frame.picture, frame.weight).sum() for frame in carried)
            weights = self._config
            return (
                style
                + weights.content_weight * content
                + weights.variation_weight * variation
                + temporal_weight * temporal
            )

        return energy

    @torch.no_grad()
    def _magnitudes(self, rgb_13HW: Tensor) -> Tensor:
        """The style terms of a picture and, last, its content against no content at all, [layers + 1]."""
        features = self._see(rgb_13HW, 0)
        content = features[CONTENT_LAYER].float()
        return torch.cat([self._style_terms(features), content_loss(content, torch.zeros_like(content))])

    def _see(self, rgb_13HW: Tensor, number: int) -> list[Tensor]:
        moving = len(self._shifts) > 1
        if moving:
            down, right = self._shifts[number]
            rgb_13HW = F.pad(rgb_13HW, [right, ROOM - right, down, ROOM - down], mode="reflect")
        with autocast(enabled=self._config.method == "adam"):
            rgb_13HW = rgb_13HW.contiguous(memory_format=torch.channels_last)
            return self._encoder(rgb_13HW, first_stride=2 if moving else 1)

    def _style_terms(self, features: Sequence[Tensor]) -> Tensor:
        """Distance of each layer from the styles together, [layers]."""
        terms = [
            sum(target.weight * self._loss.distance(layer, target.kept[n]).mean() for target in self._targets)
            for n, layer in enumerate(features)
        ]
        return torch.stack(terms)  # pyright: ignore[reportArgumentType]
