"""The networks that can learn one style, behind one face.

Legend: B batch, T frames, H height, W width.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Protocol

import torch
from torch import Tensor

from impasto.color.transport import apply
from impasto.stylizers.feedforward import johnson, network
from impasto.stylizers.feedforward.bands import banded_engine
from impasto.stylizers.feedforward.engine import engine, fold
from impasto.stylizers.feedforward.graph import can_compile
from impasto.stylizers.feedforward.johnson import JohnsonConfig, JohnsonGraph
from impasto.stylizers.feedforward.margins import Engine, eager_engine
from impasto.stylizers.feedforward.network import (
    MULTIPLE,
    NetworkConfig,
    Normalize,
    Parameters,
    instance_norm,
    reach,
    repaint,
    soft_clamp,
)
from impasto.stylizers.feedforward.tiles import LARGEST, in_tiles, tiling
from impasto.weights.precision import autocast

Colors = tuple[Tensor, Tensor]
"""Matrix and offset of the colour transport from a shot to the style."""


class Net(Protocol):
    """A network with the parameters of one style."""

    kind: ClassVar[str]

    @property
    def config(self) -> Any: ...

    @property
    def parameters(self) -> Parameters: ...

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes that the parameters must have."""
        ...

    def paint(self, frames_B3HW: Tensor, colors: Colors) -> Tensor:
        """Frames of one shot as they are while the network learns: differentiable, float32, about [0, 1]; sides
        multiples of `MULTIPLE`."""
        ...

    def engine(self, frames_T3HW: Tensor, colors: Colors, height: int, width: int) -> Engine:
        """Ready to repaint a shot of which some frames are given."""
        ...


@dataclass
class SwiftNet:
    """The network of `swift`."""

    kind: ClassVar[str] = "swift"
    config: NetworkConfig
    parameters: Parameters
    normalize: Normalize = instance_norm

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return network.shapes(self.config)

    def paint(self, frames_B3HW: Tensor, colors: Colors) -> Tensor:
        moved = apply(frames_B3HW, *colors).contiguous(memory_format=torch.channels_last)
        with autocast():
            return soft_clamp(repaint(moved, self.parameters, self.config, self.normalize).float())

    def engine(self, frames_T3HW: Tensor, colors: Colors, height: int, width: int) -> Engine:
        net = fold(self.parameters, self.config, frames_T3HW, *colors)
        return in_tiles(partial(engine, net), tiling(width, height, reach(self.config), MULTIPLE))


@dataclass
class JohnsonNet:
    """Johnson's network; it takes the colours as they come and learns those of the style itself."""

    kind: ClassVar[str] = "johnson"
    config: JohnsonConfig
    parameters: Parameters

    def shapes(self) -> dict[str, tuple[int, ...]]:
        return johnson.shapes(self.config)

    def paint(self, frames_B3HW: Tensor, colors: Colors) -> Tensor:
        frames = frames_B3HW.contiguous(memory_format=torch.channels_last)
        with autocast():
            return johnson.wire(johnson.Eager(self.parameters, self.config, training=True), frames, self.config)

    def engine(self, frames_T3HW: Tensor, colors: Colors, height: int, width: int) -> Engine:
        if height * width > LARGEST:
            return banded_engine(self.parameters, self.config)
        if can_compile(height, width):
            graph = JohnsonGraph(self.parameters, self.config)
            return graph.compile(lambda x: johnson.wire(graph, x, self.config), height, width)
        eager = johnson.Eager(self.parameters, self.config)
        return eager_engine(lambda x: johnson.wire(eager, x, self.config))


NETS: dict[str, tuple[type[Net], type]] = {
    "swift": (SwiftNet, NetworkConfig),
    "johnson": (JohnsonNet, JohnsonConfig),
}
"""Network and config by kind."""
