"""The network of Johnson et al. (2016) as speed is measured against it: eager, float32, the usual sizes.

c9s1-32, d64, d128, five residual blocks of 128, u64, u32, c9s1-3; instance normalisation; reflection padding;
transposed convolutions as in the paper (nearest neighbour and convolution, as many do it, are slower). Its weights are
random: they do not change its speed.
"""

import statistics
import time

import torch
from torch import Tensor, nn


def _conv(ins: int, outs: int, size: int, stride: int = 1, relu: bool = True) -> nn.Sequential:
    layers = [
        nn.ReflectionPad2d(size // 2),
        nn.Conv2d(ins, outs, size, stride),
        nn.InstanceNorm2d(outs, affine=True),
    ]
    return nn.Sequential(*layers, *([nn.ReLU()] if relu else []))


def _up(ins: int, outs: int) -> nn.Sequential:
    transposed = nn.ConvTranspose2d(ins, outs, 3, stride=2, padding=1, output_padding=1)
    return nn.Sequential(transposed, nn.InstanceNorm2d(outs, affine=True), nn.ReLU())


class _Residual(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.body = nn.Sequential(_conv(width, width, 3), _conv(width, width, 3, relu=False))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.body(x)


def johnson() -> nn.Module:
    """RGB [B, 3, H, W] -> the same, sides multiples of 4."""
    torch.manual_seed(0)
    return nn.Sequential(
        _conv(3, 32, 9),
        _conv(32, 64, 3, stride=2),
        _conv(64, 128, 3, stride=2),
        *(_Residual(128) for _ in range(5)),
        _up(128, 64),
        _up(64, 32),
        nn.ReflectionPad2d(4),
        nn.Conv2d(32, 3, 9),
    ).eval()


class Baseline:
    """Times single frames; `seconds` is the median of all of them."""

    def __init__(self, width: int, height: int) -> None:
        self.network = johnson()
        self.frame = torch.rand(1, 3, height, width)
        self.times: list[float] = []

    @torch.inference_mode()
    def run(self, frames: int) -> None:
        self.network(self.frame)  # not counted: threads and buffers are made
        for _ in range(frames):
            begun = time.perf_counter()
            self.network(self.frame)
            self.times.append(time.perf_counter() - begun)

    @property
    def seconds(self) -> float:
        return statistics.median(self.times)
