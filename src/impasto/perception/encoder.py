"""The embedded perceptual encoder: features like those of VGG-19, from a network an eighth of its size.

Legend: B batch, C channels, H height, W width. Pictures are RGB in [0, 1].
"""

from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from impasto.weights.memory import channels_last
from impasto.weights.paths import weights_file

LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
VGG_CHANNELS = (64, 128, 256, 512, 512)
WEIGHTS = "encoder.safetensors"


@dataclass(frozen=True)
class EncoderConfig:
    widths: tuple[int, ...] = (24, 48, 96, 160, 160)
    depths: tuple[int, ...] = (2, 2, 4, 4, 1)
    """Convolutions in each block; the first of a block gives the features, the others lead to the next."""


class Encoder(nn.Module):
    """VGG-19's layout up to relu5_1 with fewer channels; 1x1 maps give VGG's own channels.

    `forward` takes pictures [B, 3, H, W] of at least 32 pixels a side and gives relu1_1 .. relu5_1,
    [B, 64, H, W] .. [B, 512, H/16, W/16], not negative, of the scale of the teacher's.
    """

    def __init__(self, config: EncoderConfig | None = None) -> None:
        super().__init__()
        self.config = config or EncoderConfig()
        self.blocks = nn.ModuleList()
        self.maps = nn.ModuleList()
        channels = 3
        for width, depth, vgg in zip(self.config.widths, self.config.depths, VGG_CHANNELS, strict=True):
            ins = [channels] + [width] * (depth - 1)
            self.blocks.append(nn.ModuleList(nn.Conv2d(i, width, 3, padding=1, padding_mode="reflect") for i in ins))
            self.maps.append(nn.Conv2d(width, vgg, 1))
            channels = width
        for conv in self.modules():
            if isinstance(conv, nn.Conv2d):
                nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
                nn.init.zeros_(conv.bias)  # pyright: ignore[reportArgumentType]

    def forward(self, rgb_BCHW: Tensor, first_stride: int = 1, trunk: list[Tensor] | None = None) -> list[Tensor]:
        """`first_stride` takes relu1_1 at every n-th position only: the same statistics at a fraction of the cost.

        `trunk`, if given, receives the output of every 3x3 convolution.
        """
        x = rgb_BCHW * 4 - 2
        features = []
        for number, (block, to_vgg) in enumerate(zip(self.blocks, self.maps, strict=True)):
            if number:
                x = F.max_pool2d(x, 2)
            for depth, conv in enumerate(block):  # pyright: ignore[reportArgumentType]
                x = F.relu(conv(x))
                if trunk is not None:
                    trunk.append(x)
                if depth == 0:
                    thin = x if number else x[..., ::first_stride, ::first_stride]
                    features.append(F.relu(to_vgg(thin)))
        return features


def save_encoder(encoder: Encoder, path: Path) -> None:
    """Write the weights as float16 with the config in the header."""
    state = {key: value.detach().half().contiguous() for key, value in encoder.state_dict().items()}
    widths, depths = asdict(encoder.config).values()
    save_file(state, path, metadata={"widths": ",".join(map(str, widths)), "depths": ",".join(map(str, depths))})


def load_encoder(path: Path) -> Encoder:
    """Read weights that `save_encoder` wrote; frozen, in evaluation mode, float32."""
    with safe_open(path, "pt") as file:
        meta = file.metadata()
    config = EncoderConfig(*(tuple(map(int, meta[key].split(","))) for key in ("widths", "depths")))
    encoder = Encoder(config)
    encoder.load_state_dict({key: value.float() for key, value in load_file(path).items()})
    return encoder.eval().requires_grad_(False)


@cache
def embedded_encoder() -> Encoder:
    """The encoder that ships with the package; in its layout from the start, as another one rounds otherwise."""
    return channels_last(load_encoder(weights_file(WEIGHTS)))
