"""The style losses of `impasto.losses` as what a network is taught by, for experiments."""

from collections.abc import Sequence

import torch
from torch import Tensor

from impasto.losses.style import StyleLoss
from impasto.stylizers.feedforward.objective import StyleGap


@torch.no_grad()
def picture_gap(
    loss: StyleLoss, styles: Sequence[tuple[Sequence[Tensor], float]], untouched: Sequence[Sequence[Tensor]]
) -> StyleGap:
    """Distance to style pictures, mean over the layers, each in units of its value on the untouched material.

    Args:
        styles: features of each picture and its weight (sum 1).
        untouched: features of some frames of the material.
    """
    kept = [([loss.measure(layer.float()) for layer in features], weight) for features, weight in styles]

    def distances(features: Sequence[Tensor]) -> Tensor:
        """[layers, N]"""
        rows = [
            weight * torch.stack([loss.distance(layer.float(), of) for layer, of in zip(features, layers, strict=True)])
            for layers, weight in kept
        ]
        return torch.stack(rows).sum(0)

    units = torch.cat([distances(features) for features in untouched], 1).mean(1, keepdim=True).clamp(min=1e-12)

    def gap(seen: Sequence[Tensor], plain: Sequence[Tensor]) -> Tensor:
        return (distances(seen) / units).mean(0)

    return gap
