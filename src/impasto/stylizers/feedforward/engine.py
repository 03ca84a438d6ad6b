"""Running the network on frames: normalisation measured once for a shot and folded into the kernels, then OpenVINO.

Legend: T frames, H height, W width. With the statistics of a shot fixed the network is plain convolutions: nothing of
it depends on the frame, which is faster and cannot flicker. Where OpenVINO is missing torch runs the same network.
"""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.color.transport import apply
from impasto.stylizers.feedforward.graph import Graph, can_compile
from impasto.stylizers.feedforward.margins import Engine, eager_engine, pad_frames
from impasto.stylizers.feedforward.network import (
    SMOOTHING,
    Eager,
    Layer,
    NetworkConfig,
    Parameters,
    instance_norm,
    layers,
    repaint,
    wire,
)
from impasto.weights.precision import autocast

EPSILON = 1e-5


@dataclass(frozen=True)
class Network:
    """Plain convolutions after the colour transport, of one style and one shot."""

    config: NetworkConfig
    parameters: Parameters
    matrix: Tensor
    """Colour transport [3, 3] and"""
    offset: Tensor
    """[3]"""


@torch.no_grad()
def fold(parameters: Parameters, config: NetworkConfig, frames_T3HW: Tensor, matrix: Tensor, offset: Tensor) -> Network:
    """Measure the normalisation on frames of the shot, all together, and fold it into the kernels."""
    measured: dict[str, tuple[Tensor, Tensor]] = {}

    def record(x: Tensor, name: str, scale: Tensor, shift: Tensor) -> Tensor:
        variance, mean = torch.var_mean(x.float(), (0, 2, 3), correction=0)
        measured[name] = mean, variance
        return instance_norm(x, name, scale, shift)

    prepared = apply(pad_frames(frames_T3HW), matrix, offset).contiguous(memory_format=torch.channels_last)
    with autocast():
        repaint(prepared, parameters, config, record)
    folded: Parameters = {"skip": parameters["skip"]}
    for name, layer in layers(config).items():
        weight, shift = parameters[f"{name}.weight"], parameters[f"{name}.shift"]
        if layer.norm:
            mean, variance = measured[name]
            gain = parameters[f"{name}.scale"] / (variance + EPSILON).sqrt()
            weight, shift = weight * gain.view(-1, 1, 1, 1), shift - gain * mean
        folded |= {f"{name}.weight": weight.contiguous(), f"{name}.shift": shift}
    return Network(config, folded, matrix, offset)


class _Folded(Eager):
    """The folded network in torch."""

    def conv(self, x: Tensor, name: str, layer: Layer) -> Tensor:
        y = F.conv2d(x, self.parameters[f"{name}.weight"], self.parameters[f"{name}.shift"], layer.stride, padding=1)
        return F.relu(y, inplace=True) if layer.relu else y


def torch_engine(net: Network) -> Engine:
    """The network in float32 torch, for any size of frame."""
    folded = _Folded(net.parameters)
    return eager_engine(lambda x: wire(folded, apply(x, net.matrix, net.offset), net.config))


class _Graph(Graph):
    """The wiring as an OpenVINO graph under construction."""

    def conv(self, x: Any, name: str, layer: Layer) -> Any:
        y = self.op.add(self.convolution(x, f"{name}.weight", layer.stride, 1), self.per_channel(f"{name}.shift"))
        return self.op.relu(y) if layer.relu else y

    def to_depth(self, x: Any) -> Any:
        return self.op.space_to_depth(x, "depth_first", 2)

    def to_space(self, x: Any) -> Any:
        kernel = self.constant(torch.tensor(SMOOTHING).expand(3, 1, 1, 3, 3), (3, 1, 1, 3, 3))
        shuffled = self.op.depth_to_space(x, "depth_first", 2)
        return self.op.group_convolution(shuffled, kernel, [1, 1], [1, 1], [1, 1], [1, 1])

    def skip(self, x: Any) -> Any:
        return self.op.multiply(x, self.per_channel("skip"))

    def transport(self, x: Any, matrix: Tensor, offset: Tensor) -> Any:
        moved = self.op.convolution(x, self.constant(matrix, (3, 3, 1, 1)), [1, 1], [0, 0], [0, 0], [1, 1])
        return self.op.add(moved, self.constant(offset, (1, 3, 1, 1)))


def openvino_engine(net: Network, height: int, width: int) -> Engine:
    """The network compiled for one size of frame; the colour transport is part of it."""
    graph = _Graph(net.parameters)
    return graph.compile(lambda x: wire(graph, graph.transport(x, net.matrix, net.offset), net.config), height, width)


def engine(net: Network, height: int, width: int) -> Engine:
    """The fastest engine that this machine has for frames of this size."""
    return openvino_engine(net, height, width) if can_compile(height, width) else torch_engine(net)
