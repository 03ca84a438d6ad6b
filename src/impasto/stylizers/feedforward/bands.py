"""Johnson's network on frames too large for all its feature maps to lie in memory, in float32.

Legend: C channels, H height, W width.

Instance normalisation makes each pixel depend on the whole frame, layer after layer, so tiles cannot be painted one by
one. Instead each layer is computed over the whole frame, in bands of rows, before the next begins, and its statistics
are gathered from them exactly. The two maps that are as large as the frame itself are never kept: they are computed
once for their statistics, and again where the next layer reads them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from threading import Lock

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.stylizers.base import FrameArray
from impasto.stylizers.feedforward.johnson import EPSILON, REACH, Conv, JohnsonConfig, wire
from impasto.stylizers.feedforward.margins import MARGIN, Engine, mirrored

BAND = 64
"""Rows of the frame that a band covers."""


@dataclass(frozen=True)
class FeatureMap:
    """A feature map [1, C, H, W] by rows, which are kept, or computed when they are read."""

    channels: int
    height: int
    width: int
    cell: int
    """Pixels of the frame, in height and width, that one number stands for."""
    rows: Callable[[int, int], Tensor]
    """From the first row to the one behind the last: [1, C, rows, W]."""

    def bands(self) -> Iterator[tuple[slice, Tensor]]:
        for start in range(0, self.height, BAND // self.cell):
            stop = min(start + BAND // self.cell, self.height)
            yield slice(start, stop), self.rows(start, stop)

    def kept(self) -> "FeatureMap":
        """The same in memory."""
        whole = torch.empty(1, self.channels, self.height, self.width).to(memory_format=torch.channels_last)
        for where, band in self.bands():
            whole[:, :, where] = band
        return replace(self, rows=lambda start, stop: whole[:, :, start:stop])

    def moments(self) -> tuple[Tensor, Tensor]:
        """Mean and variance of each channel."""
        mean, square = torch.zeros(2, self.channels, dtype=torch.float64)
        for where, band in self.bands():
            share = (where.stop - where.start) / self.height
            of_band, middle = (moment.double() for moment in torch.var_mean(band, (0, 2, 3), correction=0))
            mean += share * middle
            square += share * (of_band + middle.square())
        return mean.float(), (square - mean.square()).clamp(min=0).float()


@dataclass
class Banded:
    """The wiring of `johnson` on feature maps by rows."""

    parameters: Mapping[str, Tensor]
    config: JohnsonConfig

    def conv(self, x: FeatureMap, name: str, layer: Conv) -> FeatureMap:
        weight, edge = self.parameters[f"{name}.weight"], layer.size // 2
        shift = None if layer.norm else self.parameters[f"{name}.shift"]

        def rows(start: int, stop: int) -> Tensor:
            first, last = start * layer.stride - edge, (stop - 1) * layer.stride + edge + 1
            band = x.rows(max(0, first), min(x.height, last))
            band = F.pad(band, (edge, edge, max(0, -first), max(0, last - x.height)), mode="reflect")
            return F.conv2d(band, weight, shift, layer.stride)

        height, width = x.height // layer.stride, x.width // layer.stride
        y = FeatureMap(layer.outs, height, width, x.cell * layer.stride, rows)
        return self._normalized(y, name, layer.relu) if layer.norm else y

    def _normalized(self, y: FeatureMap, name: str, relu: bool) -> FeatureMap:
        p = self.parameters
        if y.cell > 1:
            y = y.kept()
        mean, variance = y.moments() if self.config.norm == "instance" else (p[f"{name}.mean"], p[f"{name}.variance"])

        def rows(start: int, stop: int) -> Tensor:
            scale, shift = p[f"{name}.scale"], p[f"{name}.shift"]
            normal = F.batch_norm(y.rows(start, stop), mean, variance, scale, shift, eps=EPSILON)
            return F.relu_(normal) if relu else normal

        return replace(y, rows=rows)

    def add(self, a: FeatureMap, b: FeatureMap) -> FeatureMap:
        return replace(a, rows=lambda start, stop: a.rows(start, stop) + b.rows(start, stop)).kept()

    def upsample(self, x: FeatureMap) -> FeatureMap:
        def rows(start: int, stop: int) -> Tensor:
            doubled = F.interpolate(x.rows(start // 2, (stop + 1) // 2), scale_factor=2, mode="nearest")
            return doubled[:, :, start % 2 : start % 2 + stop - start]

        return FeatureMap(x.channels, 2 * x.height, 2 * x.width, x.cell // 2, rows)

    def squash(self, x: FeatureMap) -> FeatureMap:
        return replace(x, rows=lambda start, stop: 0.5 + REACH * x.rows(start, stop).tanh())


def banded_engine(parameters: Mapping[str, Tensor], config: JohnsonConfig) -> Engine:
    """The network of torch for frames of any size."""
    # Every frame takes all of torch's threads, and its feature maps are what there is memory for.
    alone = Lock()

    @torch.no_grad()
    def run(frame: FrameArray) -> FrameArray:
        height, width = frame.shape[:2]
        ys, xs = mirrored(height, width)

        def source(start: int, stop: int) -> Tensor:
            band = torch.from_numpy(frame[ys[start:stop]][:, xs]).permute(2, 0, 1)[None]
            return band.contiguous(memory_format=torch.channels_last)

        painted = np.empty_like(frame)
        with alone:
            y = wire(Banded(parameters, config), FeatureMap(3, len(ys), len(xs), 1, source), config)
            for start in range(0, height, BAND):
                band = y.rows(MARGIN + start, MARGIN + min(start + BAND, height))
                inner = band[0, :, :, MARGIN : MARGIN + width].clamp(0, 1)
                painted[start : start + BAND] = inner.permute(1, 2, 0).numpy()
        return painted

    return run
