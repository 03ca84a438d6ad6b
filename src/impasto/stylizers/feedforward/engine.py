"""Running the network on frames: normalisation measured once for a shot and folded into the kernels, then OpenVINO.

Legend: T frames, H height, W width. With the statistics of a shot fixed the network is plain convolutions: nothing of
it depends on the frame, which is faster and cannot flicker. Where OpenVINO is missing torch runs the same network.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.color.transport import apply
from impasto.stylizers.base import FrameArray
from impasto.stylizers.feedforward.network import (
    MULTIPLE,
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

EPSILON = 1e-5
MARGIN = 8
"""Pixels mirrored around the frame, so that the zero padding of the convolutions stays out of the picture."""

Engine = Callable[[FrameArray], FrameArray]


@dataclass(frozen=True)
class Network:
    """Plain convolutions after the colour transport, of one style and one shot."""

    config: NetworkConfig
    parameters: Parameters
    matrix: Tensor
    """Colour transport [3, 3] and"""
    offset: Tensor
    """[3]"""


def padding(height: int, width: int) -> tuple[int, int, int, int]:
    """(left, right, top, bottom) that bring a frame and its margins to multiples of `MULTIPLE`."""
    extra = [-(side + 2 * MARGIN) % MULTIPLE for side in (width, height)]
    return MARGIN, MARGIN + extra[0], MARGIN, MARGIN + extra[1]


def pad_frames(rgb_T3HW: Tensor) -> Tensor:
    """Frames with mirrored margins; frames smaller than a margin are mirrored again."""
    left, right, top, bottom = padding(*rgb_T3HW.shape[2:])
    rows, columns = (
        torch.from_numpy(np.pad(np.arange(side), before_after, mode="reflect"))
        for side, before_after in ((rgb_T3HW.shape[2], (top, bottom)), (rgb_T3HW.shape[3], (left, right)))
    )
    return rgb_T3HW[:, :, rows][..., columns]


@torch.no_grad()
def fold(parameters: Parameters, config: NetworkConfig, frames_T3HW: Tensor, matrix: Tensor, offset: Tensor) -> Network:
    """Measure the normalisation on frames of the shot, all together, and fold it into the kernels."""
    measured: dict[str, tuple[Tensor, Tensor]] = {}

    def record(x: Tensor, name: str, scale: Tensor, shift: Tensor) -> Tensor:
        variance, mean = torch.var_mean(x.float(), (0, 2, 3), correction=0)
        measured[name] = mean, variance
        return instance_norm(x, name, scale, shift)

    prepared = apply(pad_frames(frames_T3HW), matrix, offset).contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
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

    @torch.no_grad()
    def run(frame: FrameArray) -> FrameArray:
        height, width = frame.shape[:2]
        x = apply(pad_frames(torch.from_numpy(frame).permute(2, 0, 1)[None]), net.matrix, net.offset)
        y = wire(_Folded(net.parameters), x, net.config)[..., MARGIN : MARGIN + height, MARGIN : MARGIN + width]
        return np.ascontiguousarray(y.clamp(0, 1)[0].permute(1, 2, 0).numpy())

    return run


class _Graph:
    """The wiring as an OpenVINO graph under construction."""

    def __init__(self, net: Network) -> None:
        from openvino import opset13

        self.op: Any = opset13
        self.net = net

    def constant(self, tensor: Tensor, shape: tuple[int, ...]) -> Any:
        return self.op.constant(tensor.detach().float().reshape(shape).numpy())

    def conv(self, x: Any, name: str, layer: Layer) -> Any:
        p = self.net.parameters
        weight = self.constant(p[f"{name}.weight"], tuple(p[f"{name}.weight"].shape))
        y = self.op.convolution(x, weight, [layer.stride] * 2, [1, 1], [1, 1], [1, 1])
        y = self.op.add(y, self.constant(p[f"{name}.shift"], (1, -1, 1, 1)))
        return self.op.relu(y) if layer.relu else y

    def add(self, a: Any, b: Any) -> Any:
        return self.op.add(a, b)

    def upsample(self, x: Any) -> Any:
        height, width = (2 * int(side) for side in list(x.get_output_shape(0))[2:])
        axes = self.op.constant(np.array([2, 3], np.int64))
        size = self.op.constant(np.array([height, width], np.int64))
        return self.op.interpolate(
            x, size, "nearest", "sizes", axes=axes, coordinate_transformation_mode="asymmetric", nearest_mode="floor"
        )

    def to_depth(self, x: Any) -> Any:
        return self.op.space_to_depth(x, "depth_first", 2)

    def to_space(self, x: Any) -> Any:
        kernel = self.constant(torch.tensor(SMOOTHING).expand(3, 1, 1, 3, 3), (3, 1, 1, 3, 3))
        shuffled = self.op.depth_to_space(x, "depth_first", 2)
        return self.op.group_convolution(shuffled, kernel, [1, 1], [1, 1], [1, 1], [1, 1])

    def skip(self, x: Any) -> Any:
        return self.op.multiply(x, self.constant(self.net.parameters["skip"], (1, 3, 1, 1)))

    def build(self, height: int, width: int) -> Any:
        """[H, W, 3] -> [H, W, 3]: layout, margins and colour transport are part of the graph."""
        import openvino

        op = self.op
        left, right, top, bottom = padding(height, width)
        frame = op.parameter([height, width, 3], np.float32)
        x = op.unsqueeze(op.transpose(frame, op.constant(np.array([2, 0, 1]))), op.constant(np.array([0])))
        begin, end = (op.constant(np.array([0, 0, *sides])) for sides in ((top, left), (bottom, right)))
        x = op.pad(x, begin, end, "reflect")
        x = op.convolution(x, self.constant(self.net.matrix, (3, 3, 1, 1)), [1, 1], [0, 0], [0, 0], [1, 1])
        x = op.add(x, self.constant(self.net.offset, (1, 3, 1, 1)))
        y = wire(self, x, self.net.config)
        start, stop = (op.constant(np.array(v)) for v in ((top, left), (top + height, left + width)))
        y = op.slice(y, start, stop, op.constant(np.array([1, 1])), op.constant(np.array([2, 3])))
        y = op.transpose(
            op.squeeze(op.clamp(y, 0.0, 1.0), op.constant(np.array([0]))), op.constant(np.array([1, 2, 0]))
        )
        return openvino.Model([op.result(y)], [frame], "swift")  # pyright: ignore


def openvino_engine(net: Network, height: int, width: int) -> Engine:
    """The network compiled for one size of frame, in bfloat16 where the processor has it."""
    import openvino

    hints = {"INFERENCE_PRECISION_HINT": "bf16", "PERFORMANCE_HINT": "LATENCY"}
    compiled = openvino.Core().compile_model(_Graph(net).build(height, width), "CPU", hints)
    request = compiled.create_infer_request()

    def run(frame: FrameArray) -> FrameArray:
        result = request.infer([np.ascontiguousarray(frame)], share_inputs=True, share_outputs=True)
        return result[0].copy()

    return run


def engine(net: Network, height: int, width: int) -> Engine:
    """The fastest engine that this machine has for frames of this size."""
    mirrors = min(height, width) > max(padding(height, width))  # OpenVINO mirrors a frame only once
    available = importlib.util.find_spec("openvino") is not None
    return openvino_engine(net, height, width) if available and mirrors else torch_engine(net)
