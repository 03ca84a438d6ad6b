"""SqueezeNet 1.1: features that no training uses, against textures that only the trained network's eyes see.

Weights: the data folder's `squeezenet1_1_features.fp16.safetensors` (Iandola 2016; BSD-2).
"""

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from impasto.errors import ModelError
from impasto.weights.paths import assets_dir

_WEIGHTS = "squeezenet1_1_features.fp16.safetensors"
_MEAN_BGR = (104.0, 117.0, 123.0)


class SqueezeNet(nn.Module):
    """RGB [B, 3, H, W] in [0, 1] -> the maps after conv1, fire3, fire5, fire7 and fire9.

    Raises:
        ModelError: the weights are not in the data folder.
    """

    def __init__(self) -> None:
        super().__init__()
        path = assets_dir() / "nets" / _WEIGHTS
        if not path.is_file():
            raise ModelError(f"The second judge's weights are missing: {path}; set IMPASTO_ASSETS (see docs/data.md).")
        for key, value in load_file(path).items():
            self.register_buffer(key.replace(".", "_"), value.float())

    def _conv(self, x: Tensor, name: str, stride: int = 1, padding: int = 0) -> Tensor:
        weight, bias = self.get_buffer(f"{name}_weight"), self.get_buffer(f"{name}_bias")
        return F.relu(F.conv2d(x, weight, bias, stride, padding))

    def forward(self, rgb_BCHW: Tensor) -> list[Tensor]:
        x = rgb_BCHW.flip(1) * 255 - rgb_BCHW.new_tensor(_MEAN_BGR).view(1, 3, 1, 1)
        x = self._conv(x, "conv1", stride=2)
        maps = [x]
        for number in range(2, 10):
            if number in (2, 4, 6):
                x = F.max_pool2d(x, 3, 2)
            thin = self._conv(x, f"fire{number}_squeeze1x1")
            small, large = (self._conv(thin, f"fire{number}_expand{k}x{k}", padding=k // 2) for k in (1, 3))
            x = torch.cat([small, large], 1)
            if number % 2:
                maps.append(x)
        return maps
