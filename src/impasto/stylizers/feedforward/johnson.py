"""The network of Johnson et al. (2016), "Perceptual losses for real-time style transfer": one style a network.

Legend: B batch, C channels, H height, W width.

c9s1-32, d64, d128, five residual blocks of 128 without ReLU after the sum, u64, u32, c9s1-3, in the paper's notation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.stylizers.feedforward.graph import Graph
from impasto.stylizers.feedforward.network import Parameters

EPSILON = 1e-5
MOMENTUM = 0.1
"""Share of a step in the running statistics of batch normalisation."""
REACH = 0.6
"""The output is `0.5 + REACH tanh(x)`: a little more than [0, 1], so that black and white have a slope. Released as
150 of 127.5."""


@dataclass(frozen=True)
class JohnsonConfig:
    width: int = 32
    blocks: int = 5
    norm: Literal["instance", "batch"] = "instance"
    """Batch normalisation as in the paper; by default that of each frame (Ulyanov 2016), as its authors do since."""


@dataclass(frozen=True)
class Conv:
    ins: int
    outs: int
    size: int = 3
    stride: int = 1
    relu: bool = True
    norm: bool = True


def layers(config: JohnsonConfig) -> dict[str, Conv]:
    """Every convolution by name, in the order in which they run."""
    w = config.width
    table = {"first": Conv(3, w, 9), "down2": Conv(w, 2 * w, stride=2), "down4": Conv(2 * w, 4 * w, stride=2)}
    for i in range(config.blocks):
        table |= {f"block{i}a": Conv(4 * w, 4 * w), f"block{i}b": Conv(4 * w, 4 * w, relu=False)}
    table |= {"up2": Conv(4 * w, 2 * w), "up1": Conv(2 * w, w)}
    return table | {"last": Conv(w, 3, 9, relu=False, norm=False)}


def shapes(config: JohnsonConfig) -> dict[str, tuple[int, ...]]:
    """Shapes of all parameters, with the running statistics of batch normalisation."""
    table: dict[str, tuple[int, ...]] = {}
    for name, layer in layers(config).items():
        table |= {f"{name}.weight": (layer.outs, layer.ins, layer.size, layer.size), f"{name}.shift": (layer.outs,)}
        if layer.norm:
            table[f"{name}.scale"] = (layer.outs,)
            if config.norm == "batch":
                table |= {f"{name}.mean": (layer.outs,), f"{name}.variance": (layer.outs,)}
    return table


def new_parameters(config: JohnsonConfig, seed: int) -> Parameters:
    """Random kernels (He 2015), normalisation at rest."""
    generator = torch.Generator().manual_seed(seed)
    parameters: Parameters = {}
    for name, shape in shapes(config).items():
        if name.endswith(".weight"):
            fan_in = shape[1] * shape[2] * shape[3]
            parameters[name] = torch.randn(shape, generator=generator) * (2 / fan_in) ** 0.5
        else:
            parameters[name] = torch.ones(shape) if name.endswith((".scale", ".variance")) else torch.zeros(shape)
    return parameters


class Operations(Protocol):
    """What the wiring needs of a backend: eager torch, or a graph under construction."""

    def conv(self, x: Any, name: str, layer: Conv) -> Any: ...
    def add(self, a: Any, b: Any) -> Any: ...
    def upsample(self, x: Any) -> Any: ...
    def squash(self, x: Any) -> Any: ...


def wire(op: Operations, x: Any, config: JohnsonConfig) -> Any:
    """The network once, for every backend. `x`: [B, 3, H, W], sides multiples of 4 -> the same, not clamped."""
    table = layers(config)

    def conv(y: Any, name: str) -> Any:
        return op.conv(y, name, table[name])

    y = conv(conv(conv(x, "first"), "down2"), "down4")
    for i in range(config.blocks):
        y = op.add(y, conv(conv(y, f"block{i}a"), f"block{i}b"))
    # Nearest neighbour and a convolution; the paper's transposed convolutions leave a checkerboard (Odena 2016).
    y = conv(op.upsample(conv(op.upsample(y), "up2")), "up1")
    return op.squash(conv(y, "last"))


@dataclass
class Eager:
    """The wiring run by torch; in training, batch normalisation measures the batch and keeps running statistics."""

    parameters: Mapping[str, Tensor]
    config: JohnsonConfig
    training: bool = False

    def conv(self, x: Tensor, name: str, layer: Conv) -> Tensor:
        p, edge = self.parameters, layer.size // 2
        # Mirrored at every convolution; the paper pads the picture once and its blocks shrink it.
        x = F.pad(x, (edge, edge, edge, edge), mode="reflect")
        if not layer.norm:
            return F.conv2d(x, p[f"{name}.weight"], p[f"{name}.shift"], layer.stride)
        y = self._normalize(F.conv2d(x, p[f"{name}.weight"], None, layer.stride), name)
        return F.relu(y) if layer.relu else y

    def _normalize(self, y: Tensor, name: str) -> Tensor:
        p = self.parameters
        scale, shift = p[f"{name}.scale"], p[f"{name}.shift"]
        if self.config.norm == "batch":
            running = p[f"{name}.mean"], p[f"{name}.variance"]
            return F.batch_norm(y, *running, scale, shift, self.training, MOMENTUM, EPSILON)
        # Frame by frame through `batch_norm`: `instance_norm` is slow with channels last.
        return torch.cat([F.batch_norm(frame, None, None, scale, shift, True, eps=EPSILON) for frame in y.split(1)])

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        return a + b

    def upsample(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2, mode="nearest")

    def squash(self, x: Tensor) -> Tensor:
        return 0.5 + REACH * x.float().tanh()


class JohnsonGraph(Graph):
    """The wiring as an OpenVINO graph under construction."""

    def __init__(self, parameters: Mapping[str, Tensor], config: JohnsonConfig) -> None:
        super().__init__(parameters)
        self.config = config

    def conv(self, x: Any, name: str, layer: Conv) -> Any:
        y = self.convolution(self.mirror(x, *[layer.size // 2] * 4), f"{name}.weight", layer.stride, 0)
        if layer.norm:
            y = self.op.multiply(self._normal(y, name), self.per_channel(f"{name}.scale"))
        y = self.op.add(y, self.per_channel(f"{name}.shift"))
        return self.op.relu(y) if layer.relu else y

    def _normal(self, y: Any, name: str) -> Any:
        if self.config.norm == "instance":
            return self.op.mvn(y, self.op.constant([2, 3]), True, EPSILON, "inside_sqrt")
        deviation = (self.parameters[f"{name}.variance"] + EPSILON).sqrt()
        centred = self.op.subtract(y, self.per_channel(f"{name}.mean"))
        return self.op.divide(centred, self.constant(deviation, (1, -1, 1, 1)))

    def squash(self, x: Any) -> Any:
        reach, middle = (self.constant(torch.tensor(value), (1, 1, 1, 1)) for value in (REACH, 0.5))
        return self.op.add(self.op.multiply(self.op.tanh(x), reach), middle)
