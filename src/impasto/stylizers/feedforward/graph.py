"""A network as an OpenVINO graph under construction: the operations and the edges that all networks share.

Legend: H height, W width, C channels.
"""

import importlib.util
from collections.abc import Callable, Mapping
from threading import local
from typing import Any

import numpy as np
from torch import Tensor

from impasto.stylizers.base import FrameArray
from impasto.stylizers.feedforward.margins import Engine, padding

FRAMES_AT_ONCE = 2
"""Frames that an engine works on, each with its share of the cores. Faster than all cores on one frame: they need not
wait for each other after every layer, nor for a core that decodes or encodes."""


class Graph:
    """The operations as nodes; a network adds its own convolution."""

    def __init__(self, parameters: Mapping[str, Tensor]) -> None:
        from openvino import opset13

        self.op: Any = opset13
        self.parameters = parameters

    def constant(self, tensor: Tensor, shape: tuple[int, ...]) -> Any:
        return self.op.constant(tensor.detach().float().reshape(shape).numpy())

    def per_channel(self, name: str) -> Any:
        """A parameter [C] as [1, C, 1, 1]."""
        return self.constant(self.parameters[name], (1, -1, 1, 1))

    def convolution(self, x: Any, name: str, stride: int, pad: int) -> Any:
        weight = self.constant(self.parameters[name], tuple(self.parameters[name].shape))
        return self.op.convolution(x, weight, [stride] * 2, [pad] * 2, [pad] * 2, [1, 1])

    def add(self, a: Any, b: Any) -> Any:
        return self.op.add(a, b)

    def upsample(self, x: Any) -> Any:
        height, width = (2 * int(side) for side in list(x.get_output_shape(0))[2:])
        axes = self.op.constant(np.array([2, 3], np.int64))
        size = self.op.constant(np.array([height, width], np.int64))
        return self.op.interpolate(
            x, size, "nearest", "sizes", axes=axes, coordinate_transformation_mode="asymmetric", nearest_mode="floor"
        )

    def mirror(self, x: Any, left: int, right: int, top: int, bottom: int) -> Any:
        """Reflected edges, as `padding` orders them."""
        begin, end = (self.op.constant(np.array([0, 0, *sides])) for sides in ((top, left), (bottom, right)))
        return self.op.pad(x, begin, end, "reflect")

    def compile(self, network: Callable[[Any], Any], height: int, width: int) -> Engine:
        """[H, W, 3] -> [H, W, 3] for one size of frame, in bfloat16 where the processor has it; layout and margins are
        part of the graph."""
        import openvino

        op = self.op
        left, right, top, bottom = padding(height, width)
        frame = op.parameter([height, width, 3], np.float32)
        x = op.unsqueeze(op.transpose(frame, op.constant(np.array([2, 0, 1]))), op.constant(np.array([0])))
        y = network(self.mirror(x, left, right, top, bottom))
        start, stop = (op.constant(np.array(v)) for v in ((top, left), (top + height, left + width)))
        y = op.slice(y, start, stop, op.constant(np.array([1, 1])), op.constant(np.array([2, 3])))
        y = op.transpose(
            op.squeeze(op.clamp(y, 0.0, 1.0), op.constant(np.array([0]))), op.constant(np.array([1, 2, 0]))
        )
        model = openvino.Model([op.result(y)], [frame], "network")  # pyright: ignore
        hints = {"INFERENCE_PRECISION_HINT": "bf16", "NUM_STREAMS": FRAMES_AT_ONCE}
        compiled = openvino.Core().compile_model(model, "CPU", hints)
        requests = local()

        def run(frame: FrameArray) -> FrameArray:
            if not hasattr(requests, "own"):
                requests.own = compiled.create_infer_request()
            result = requests.own.infer([np.ascontiguousarray(frame)], share_inputs=True, share_outputs=True)
            return result[0].copy()

        return run


def can_compile(height: int, width: int) -> bool:
    """Whether OpenVINO is there and the frame large enough: it mirrors only once."""
    return min(height, width) > max(padding(height, width)) and importlib.util.find_spec("openvino") is not None
