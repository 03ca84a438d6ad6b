"""Depth by a small network of ours, on top of the embedded encoder; taught by rendered scenes.

Legend: B pictures, C channels, H height, W width. Pictures are RGB in [0, 1].
"""

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from impasto.errors import ModelError
from impasto.perception.control.pictures import Frame
from impasto.perception.control.published import DEPTH_NANO
from impasto.perception.encoder import VGG_CHANNELS, embedded_encoder
from impasto.video.files import writing, written_atomically
from impasto.weights.paths import weights_file

SHORT_SIDE = 144
"""Pixels of the short side at which it looks, as it was taught."""
SIDE_STEP = 16
FORMAT = "impasto depth 1"
"""The only key of the metadata."""


@dataclass(frozen=True)
class DepthConfig:
    width: int = 48


class DepthNano(nn.Module):
    """From features of the encoder, coarse ones first, to inverse depth."""

    def __init__(self, config: DepthConfig | None = None) -> None:
        super().__init__()
        self.config = config or DepthConfig()
        width, levels = self.config.width, VGG_CHANNELS[1:]
        self.narrow = nn.ModuleList(nn.Conv2d(channels, width, 1) for channels in levels)
        self.mix = nn.ModuleList(nn.Conv2d(width, width, 3, padding=1) for _ in levels)
        self.place = nn.Conv2d(1, width, 1)
        self.leave = nn.Conv2d(width, 1, 3, padding=1)

    def forward(self, features: list[Tensor]) -> Tensor:
        """Inverse depth up to scale and offset, [B, H/2, W/2].

        Args:
            features: relu2_1 .. relu5_1, see `features_of`.
        """
        coarse = features[-1]
        rows = torch.linspace(-1, 1, coarse.shape[2], device=coarse.device)
        # What lies lower is nearer, more often than not.
        x = self.place(rows.view(1, 1, -1, 1).expand(len(coarse), 1, -1, coarse.shape[3]))
        for feature, narrow, mix in zip(reversed(features), reversed(self.narrow), reversed(self.mix), strict=True):
            x = F.interpolate(x, feature.shape[2:], mode="bilinear")
            x = x + narrow(torch.log1p(feature))
            x = x + F.gelu(mix(x))
        return self.leave(x)[:, 0]


def features_of(rgb_BCHW: Tensor) -> list[Tensor]:
    """What `DepthNano` takes, of pictures whose sides are multiples of `SIDE_STEP`."""
    with torch.no_grad():
        return embedded_encoder()(rgb_BCHW)[1:]


class DepthByNano:
    """The network of a file, as what estimates depth."""

    def __init__(self, path: Path) -> None:
        """Raises `ModelError` where it cannot be read."""
        self._net = load_depth_nano(path)

    @torch.no_grad()
    def __call__(self, frame: Frame) -> np.ndarray:
        """Inverse depth [H, W], up to scale and offset."""
        height, width = frame.shape[:2]
        scale = SHORT_SIDE / min(height, width)
        size = [max(1, round(side * scale / SIDE_STEP)) * SIDE_STEP for side in (height, width)]
        rgb_1CHW = torch.from_numpy(np.ascontiguousarray(frame)).permute(2, 0, 1)[None].float()
        small = F.interpolate(rgb_1CHW, size, mode="bilinear", antialias=True)
        inverse = self._net(features_of(small))[:, None]
        return F.interpolate(inverse, (height, width), mode="bilinear")[0, 0].numpy()


@cache
def embedded_depth_nano() -> DepthByNano:
    """The one of `depth-nano.safetensors`; raises `ModelError` where that is missing."""
    return DepthByNano(weights_file(DEPTH_NANO))


def save_depth_nano(net: DepthNano, path: Path) -> None:
    """Write the weights as float16, the width in the header; the file appears whole or not at all."""
    state = {name: value.detach().half().contiguous() for name, value in net.state_dict().items()}
    with written_atomically(path) as temporary, writing(path):
        temporary.write_bytes(save(state, {FORMAT: str(asdict(net.config)["width"])}))


def load_depth_nano(path: Path) -> DepthNano:
    """Read what `save_depth_nano` wrote, frozen; raises `ModelError` where it is something else."""
    try:
        with safe_open(path, "pt") as file:
            width = int((file.metadata() or {})[FORMAT])
        net = DepthNano(DepthConfig(width))
        net.load_state_dict({name: value.float() for name, value in load_file(path).items()})
    except (SafetensorError, OSError, KeyError, ValueError, RuntimeError) as error:
        raise ModelError(f"{str(path)!r} holds no depth network; make it with `impasto train depth-nano`.") from error
    return net.eval().requires_grad_(False)
