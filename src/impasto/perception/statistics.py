"""Style as the statistics of features, and the distances that style transfer is measured by."""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

EPSILON = 1e-5


class _ChannelStatistics(torch.autograd.Function):
    """One pass forward, one fused multiply-add backward: several times faster than composed operations."""

    @staticmethod
    def forward(ctx: Any, x_BCHW: Tensor) -> Tensor:
        pixels_BNC = x_BCHW.float().permute(0, 2, 3, 1).flatten(1, 2)
        count = pixels_BNC.shape[1]
        # Products with a row of ones: on channels-last memory several times faster than `sum` and `var`.
        ones = pixels_BNC.new_ones(len(pixels_BNC), 1, count)
        mean = torch.bmm(ones, pixels_BNC) / count
        centred = pixels_BNC - mean
        variance = torch.bmm(ones, centred * centred) / (count - 1)
        mean, deviation = mean[:, 0], (variance[:, 0] + EPSILON).sqrt()
        ctx.save_for_backward(x_BCHW, mean, deviation)
        return torch.cat([mean, deviation], 1)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        x, mean, deviation = ctx.saved_tensors
        count = x.shape[2] * x.shape[3]
        of_mean, of_deviation = grads[0].chunk(2, 1)
        factor = of_deviation / (deviation * (count - 1))
        offset = of_mean / count - factor * mean
        shape = (*mean.shape, 1, 1)
        return torch.addcmul(offset.view(shape).to(x.dtype), x, factor.view(shape).to(x.dtype))


def channel_statistics(features_BCHW: Tensor) -> Tensor:
    """Mean and standard deviation of each channel, [B, 2C], float32 (Huang and Belongie 2017, AdaIN)."""
    return _ChannelStatistics.apply(features_BCHW)  # pyright: ignore[reportReturnType]


def style_statistics(features: Sequence[Tensor]) -> list[Tensor]:
    """`channel_statistics` of every layer."""
    return [channel_statistics(layer) for layer in features]


def style_distance(statistics: Sequence[Tensor], target: Sequence[Tensor]) -> Tensor:
    """Mean over layers of |difference| / |target|, [B]; 0 where all statistics agree."""
    terms = [(s - t).norm(dim=1) / t.norm(dim=1) for s, t in zip(statistics, target, strict=True)]
    return torch.stack(terms).mean(0)


def content_distance(relu4_1: Tensor, target: Tensor) -> Tensor:
    """Mean over positions of 1 - cosine between instance-normalised features, [B]; 0 where nothing moved."""
    a, b = F.instance_norm(relu4_1.float()), F.instance_norm(target.float())
    return (1 - F.cosine_similarity(a, b, dim=1)).mean((1, 2))
