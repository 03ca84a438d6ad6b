"""The network of `swift`: layout, parameters, and the predictor that gives them for any style.

Legend: B batch, C channels, H height, W width, K kernels that a layer blends.

The picture comes in already in the style's colours (impasto.color.transport), so the network adds only texture:
`output = skip * input + residual`. Three resolutions: 1/2 (stem and last layer), 1/4 and 1/8 (residual blocks).
A style sets all of it: each filter is a blend of K learned ones (dynamic convolution, Chen 2020; there one blend for
all filters of a layer), brought to unit norm and multiplied by a predicted gain (Karras 2020, StyleGAN2). Per frame
that costs nothing: parameters are blended once for each style and shot.

Instance normalisation (Ulyanov 2016) stands only where features come down to a smaller size. After every convolution,
as in Johnson's network, it taught the network to paint a bright blob somewhere, whose only purpose was to govern the
statistics of its layer; with none at all the textures were periodic and took no notice of the picture.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MULTIPLE = 8
"""Width and height must be divisible by this."""


SMOOTHING = ((1 / 16, 2 / 16, 1 / 16), (2 / 16, 4 / 16, 2 / 16), (1 / 16, 2 / 16, 1 / 16))
"""Fixed filter behind the last layer: its four phases are kernels of their own, and without it they show as a grid of
dots (Sugawara 2018, "Super-resolution using convolutional neural networks without any checkerboard artifacts")."""


@dataclass(frozen=True)
class NetworkConfig:
    half: int = 32
    quarter: int = 64
    eighth: int = 64
    quarter_blocks: int = 4
    eighth_blocks: int = 2


@dataclass(frozen=True)
class Layer:
    ins: int
    outs: int
    stride: int = 1
    relu: bool = True
    gain: float | None = None
    """Norm of each filter at the start of training; by default what keeps the size of activations."""
    norm: bool = False
    """Instance normalisation of the output; the gain is then its deviation."""

    @property
    def first_gain(self) -> float:
        return self.gain or (2**0.5 if self.relu and not self.norm else 1.0)


def layers(config: NetworkConfig) -> dict[str, Layer]:
    """Every convolution (3x3) of the network by name, in the order in which they run."""
    c = config
    table = {"stem": Layer(12, c.half, norm=True), "down4": Layer(c.half, c.quarter, stride=2, norm=True)}
    for i in range(c.quarter_blocks // 2):
        table |= _block(f"quarter{i}", c.quarter)
    table["down8"] = Layer(c.quarter, c.eighth, stride=2, norm=True)
    for i in range(c.eighth_blocks):
        table |= _block(f"eighth{i}", c.eighth)
    table["up4"] = Layer(c.eighth, c.quarter, relu=False)
    for i in range(c.quarter_blocks // 2, c.quarter_blocks):
        table |= _block(f"quarter{i}", c.quarter)
    table |= {"up2": Layer(c.quarter, c.half), "last": Layer(c.half, 12, relu=False, gain=0.3)}
    return table


def _block(name: str, width: int) -> dict[str, Layer]:
    return {f"{name}a": Layer(width, width), f"{name}b": Layer(width, width, relu=False)}


def reach(config: NetworkConfig) -> int:
    """Pixels, to each side, that one of the output can depend on: a multiple of `MULTIPLE`."""
    convolutions = {2: 4, 4: 2 + 2 * config.quarter_blocks, 8: 2 * config.eighth_blocks}
    smoothing = 1
    farthest = smoothing + sum(cell * count for cell, count in convolutions.items())
    # Rounded up, since what a cell of the coarsest features sees begins at its edge.
    return -(-farthest // MULTIPLE) * MULTIPLE


class Operations(Protocol):
    """What the wiring needs of a backend: eager torch, or a graph under construction."""

    def conv(self, x: Any, name: str, layer: Layer) -> Any: ...
    def add(self, a: Any, b: Any) -> Any: ...
    def upsample(self, x: Any) -> Any: ...
    def to_depth(self, x: Any) -> Any: ...
    def to_space(self, x: Any) -> Any: ...
    def skip(self, x: Any) -> Any: ...


def wire(op: Operations, x: Any, config: NetworkConfig) -> Any:
    """The network once, for every backend. `x`: [B, 3, H, W] -> [B, 3, H, W], not clamped."""
    table = layers(config)

    def conv(y: Any, name: str) -> Any:
        return op.conv(y, name, table[name])

    def block(y: Any, name: str) -> Any:
        return op.add(y, conv(conv(y, f"{name}a"), f"{name}b"))

    stem = conv(op.to_depth(x), "stem")
    y = conv(stem, "down4")
    for i in range(config.quarter_blocks // 2):
        y = block(y, f"quarter{i}")
    z = conv(y, "down8")
    for i in range(config.eighth_blocks):
        z = block(z, f"eighth{i}")
    y = op.add(y, conv(op.upsample(z), "up4"))
    for i in range(config.quarter_blocks // 2, config.quarter_blocks):
        y = block(y, f"quarter{i}")
    y = op.add(stem, conv(op.upsample(y), "up2"))
    return op.add(op.skip(x), op.to_space(conv(y, "last")))


Parameters = dict[str, Tensor]
"""For each layer `NAME.weight` [O, I, 3, 3] and `NAME.shift` [O], for normalised ones `NAME.scale` [O]; `skip` [3]."""


def shapes(config: NetworkConfig) -> dict[str, tuple[int, ...]]:
    """Shapes of all parameters."""
    table: dict[str, tuple[int, ...]] = {"skip": (3,)}
    for name, layer in layers(config).items():
        table |= {f"{name}.weight": (layer.outs, layer.ins, 3, 3), f"{name}.shift": (layer.outs,)}
        if layer.norm:
            table[f"{name}.scale"] = (layer.outs,)
    return table


Normalize = Callable[[Tensor, str, Tensor, Tensor], Tensor]


def instance_norm(x: Tensor, name: str, scale: Tensor, shift: Tensor) -> Tensor:
    """Normalise each channel over the whole batch: the frames of a batch are of one shot and share their statistics."""
    return F.batch_norm(x, None, None, scale, shift, training=True)


class ClipNorm:
    """Normalise by statistics of all that it has seen, the latest most: what `fold` will measure over a whole shot.

    A network that learns with the statistics of each crop would meet others in use.
    """

    def __init__(self, keep: float = 0.95) -> None:
        self.keep = keep
        self.seen: dict[str, tuple[Tensor, Tensor]] = {}

    def __call__(self, x: Tensor, name: str, scale: Tensor, shift: Tensor) -> Tensor:
        variance, mean = torch.var_mean(x.detach().float(), (0, 2, 3), correction=0)
        square = variance + mean.square()
        if name in self.seen:
            mean, square = (
                old.lerp(new, 1 - self.keep) for old, new in zip(self.seen[name], (mean, square), strict=True)
            )
        self.seen[name] = mean, square
        # Rounding may bring the variance of a flat channel below zero.
        return F.batch_norm(x, mean, (square - mean.square()).clamp(min=0), scale, shift, training=False)


@dataclass
class Eager:
    """The wiring run by torch with a style's parameters."""

    parameters: Mapping[str, Tensor]
    normalize: Normalize = instance_norm

    def conv(self, x: Tensor, name: str, layer: Layer) -> Tensor:
        p = self.parameters
        if layer.norm:
            y = F.conv2d(x, p[f"{name}.weight"], None, layer.stride, padding=1)
            y = self.normalize(y, name, p[f"{name}.scale"], p[f"{name}.shift"])
        else:
            y = F.conv2d(x, p[f"{name}.weight"], p[f"{name}.shift"], layer.stride, padding=1)
        return F.relu(y, inplace=True) if layer.relu else y

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        return a + b

    def upsample(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2, mode="nearest")

    def to_depth(self, x: Tensor) -> Tensor:
        return F.pixel_unshuffle(x, 2)

    def to_space(self, x: Tensor) -> Tensor:
        kernel = torch.tensor(SMOOTHING, dtype=x.dtype).expand(3, 1, 3, 3)
        return F.conv2d(F.pixel_shuffle(x, 2), kernel, padding=1, groups=3)

    def skip(self, x: Tensor) -> Tensor:
        return x * self.parameters["skip"].view(1, 3, 1, 1)


def repaint(
    rgb_BCHW: Tensor, parameters: Mapping[str, Tensor], config: NetworkConfig, normalize: Normalize = instance_norm
) -> Tensor:
    """Frames in the style's colours -> repainted, not clamped. Sides must be multiples of `MULTIPLE`."""
    return wire(Eager(parameters, normalize), rgb_BCHW, config)


def soft_clamp(rgb: Tensor) -> Tensor:
    """[0, 1] with a little slope outside, so that a pixel out of range finds its way back."""
    inside = rgb.clamp(0, 1)
    return inside + 0.05 * (rgb - inside)


@dataclass(frozen=True)
class PredictorConfig:
    network: NetworkConfig = field(default_factory=NetworkConfig)
    code: int = 2944
    """Numbers in a style code: means and deviations of the encoder's five layers."""
    components: int = 128
    hidden: int = 448
    kernels: int = 4
    shared: int = 2
    """Filters of a layer that share a blend of its kernels."""


class Predictor(nn.Module):
    """Codes of a style and of a shot -> parameters of the network.

    The shot's own code tells what there is to do: the same style asks for other strokes on a busy scene than on a calm
    one. Codes are standardised and projected by buffers that the training sets from its bank of styles (principal
    components), then a small perceptron gives blend weights for the kernels, gains and shifts.
    """

    def __init__(self, config: PredictorConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or PredictorConfig()
        self.register_buffer("code_mean", torch.zeros(c.code))
        self.register_buffer("code_basis", torch.zeros(c.components, c.code))
        self.body = nn.Sequential(
            nn.Linear(2 * c.components, c.hidden), nn.SiLU(), nn.Linear(c.hidden, c.hidden), nn.SiLU()
        )
        self.kernels = nn.ParameterDict()
        self.table = layers(c.network)
        sizes: dict[str, int] = {"skip": 3}
        for name, layer in self.table.items():
            # Of unit norm, so that the optimizer's steps are of a sensible size although the norm is divided out.
            kernels = torch.randn(c.kernels, layer.outs, layer.ins, 3, 3) / (9 * layer.ins) ** 0.5
            self.kernels[name] = nn.Parameter(kernels)
            blends = c.kernels * layer.outs // c.shared
            sizes |= {f"{name}.blend": blends, f"{name}.gain": layer.outs, f"{name}.shift": layer.outs}
        self.sizes = sizes
        self.head = nn.Linear(c.hidden, sum(sizes.values()))
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        with torch.no_grad():
            parts = self.split(self.head.bias)
            parts["skip"].fill_(1.0)
            for name, layer in self.table.items():
                parts[f"{name}.blend"][: layer.outs // c.shared] = 1.0
                parts[f"{name}.gain"].fill_(layer.first_gain)

    def split(self, flat: Tensor) -> dict[str, Tensor]:
        """What the head gives, or its rows, by the name of the layer and of what it sets."""
        return dict(zip(self.sizes, flat.split(list(self.sizes.values())), strict=True))

    def project(self, code: Tensor) -> Tensor:
        """[..., code] -> [..., components], of about unit variance."""
        return ((code - self.code_mean) @ self.code_basis.T).clamp(-4, 4)  # pyright: ignore

    def forward(self, style: Tensor, content: Tensor) -> Parameters:
        """Projected codes [components] of the style and of the shot -> parameters of the network."""
        values = self.split(self.head(self.body(torch.cat([style, content]))))
        parameters: Parameters = {"skip": values["skip"]}
        for name, layer in self.table.items():
            kernels = self.kernels[name]
            blend = values[f"{name}.blend"].view(len(kernels), -1).repeat_interleave(self.config.shared, 1)
            blended = (kernels * blend[:, :, None, None, None]).sum(0)
            norm = blended.square().sum((1, 2, 3), keepdim=True).add(1e-6).sqrt()
            gain = values[f"{name}.gain"]
            if layer.norm:
                parameters[f"{name}.weight"] = blended / norm
                parameters[f"{name}.scale"] = gain
            else:
                parameters[f"{name}.weight"] = blended * (gain.view(-1, 1, 1, 1) / norm)
            parameters[f"{name}.shift"] = values[f"{name}.shift"]
        return parameters


@torch.no_grad()
def grow(predictor: Predictor, config: PredictorConfig) -> Predictor:
    """The same function with more hidden units and with blends that fewer filters share (Chen 2016, "Net2Net").

    New units lead nowhere yet, new blends are copies. Other numbers of `config` must be as the predictor has them.
    """
    big, old = Predictor(config), predictor.config
    big.body[2].weight[:, old.hidden :] = 0  # pyright: ignore
    big.head.weight[:, old.hidden :] = 0
    state = big.state_dict()
    for key, value in predictor.state_dict().items():
        if not key.startswith("head."):
            state[key][tuple(slice(side) for side in value.shape)] = value
    for mine, its in ((big.head.weight, predictor.head.weight), (big.head.bias[:, None], predictor.head.bias[:, None])):
        rows = predictor.split(its)
        for name, row in big.split(mine).items():
            copies = len(row) // len(rows[name])
            row[:, : its.shape[1]] = rows[name].repeat_interleave(copies, 0)
    return big
