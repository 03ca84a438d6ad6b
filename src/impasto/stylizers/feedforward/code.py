"""A style as numbers: the statistics of the encoder's features, and of the colours.

The same numbers drive the predictor (as its code) and are what adapting aims at.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.color.transport import ColorStatistics, color_statistics
from impasto.perception.encoder import VGG_CHANNELS, Encoder
from impasto.perception.statistics import style_statistics

SMALLEST = 32
"""Pixels that the encoder needs in width and height."""
STYLE_SIDE = 256
"""Short side, in pixels, at which a style picture is seen: the scale of its strokes in the output."""


@dataclass(frozen=True)
class StyleCode:
    statistics: Tensor
    """[2944]: for each of relu1_1 .. relu5_1 the means, then the standard deviations, of its channels."""
    colors: ColorStatistics


def split_layers(statistics: Tensor) -> list[Tensor]:
    """[..., 2944] -> five tensors [..., 2C]."""
    return list(statistics.split([2 * channels for channels in VGG_CHANNELS], dim=-1))


@torch.no_grad()
def encode_style(encoder: Encoder, rgb_1CHW: Tensor) -> StyleCode:
    """The code of one picture [1, 3, H, W], RGB in [0, 1], already at the scale of `STYLE_SIDE`."""
    statistics = torch.cat(style_statistics(encoder(rgb_1CHW)), 1)[0]
    return StyleCode(statistics, color_statistics(rgb_1CHW[0].flatten(1).T))


def mix(codes: list[StyleCode], weights: list[float]) -> StyleCode:
    """The code of the pictures taken together: statistics of the union, each picture by its weight (sum 1)."""
    share = torch.tensor(weights, dtype=torch.float32)
    layers = []
    for parts in zip(*(split_layers(code.statistics) for code in codes), strict=True):
        mean, deviation = torch.stack(parts).chunk(2, 1)
        union = share @ mean
        variance = share @ (deviation.square() + mean.square()) - union.square()
        layers.append(torch.cat([union, variance.clamp(min=1e-8).sqrt()]))
    means = torch.stack([code.colors.mean for code in codes])
    union = share @ means
    covariance = sum(
        w * (code.colors.covariance + torch.outer(code.colors.mean - union, code.colors.mean - union))
        for w, code in zip(weights, codes, strict=True)
    )
    return StyleCode(torch.cat(layers), ColorStatistics(union, torch.as_tensor(covariance)))
