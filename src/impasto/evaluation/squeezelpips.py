"""LPIPS on SqueezeNet, uncalibrated: the heads that its authors fitted, on weights of another training of the network.

Weights: the data folder's `squeezenet1_1_features.fp16.safetensors` and `lpips_v0.1_heads.safetensors` (Zhang 2018;
BSD-2). The heads were fitted to torchvision's SqueezeNet, so that figures are good for comparing with each other only.
"""

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor

from impasto.errors import ModelError
from impasto.evaluation.metrics.lpips import lpips
from impasto.evaluation.squeezenet import SqueezeNet
from impasto.weights.paths import assets_dir

_HEADS = "lpips_v0.1_heads.safetensors"
_LAYERS = 7


class _Layers(SqueezeNet):
    """The maps that LPIPS compares: those of the judge, and after fire6 and fire8."""

    def forward(self, rgb_BCHW: Tensor) -> list[Tensor]:
        conv1, fire3, fire5, fire7, fire9 = super().forward(rgb_BCHW)
        fire6, fire8 = self._fire(F.max_pool2d(fire5, 3, 2), 6), self._fire(fire7, 8)
        return [conv1, fire3, fire5, fire6, fire7, fire8, fire9]

    def _fire(self, x: Tensor, number: int) -> Tensor:
        thin = self._conv(x, f"fire{number}_squeeze1x1")
        return torch.cat([self._conv(thin, f"fire{number}_expand{k}x{k}", padding=k // 2) for k in (1, 3)], 1)


class SqueezeLpips:
    """How far two pictures of one size are apart; 0: they are the same.

    Raises:
        ModelError: the weights are not in the data folder.
    """

    def __init__(self) -> None:
        self._net, path = _Layers(), assets_dir() / "nets" / _HEADS
        if not path.is_file():
            raise ModelError(f"The heads of LPIPS are missing: {path}; set IMPASTO_ASSETS (see docs/data.md).")
        heads = load_file(path)
        names = [f"squeeze.lin{number}.model.1.weight" for number in range(_LAYERS)]
        self._heads = [heads[name].float().flatten() for name in names]

    @torch.no_grad()
    def __call__(self, first: NDArray[np.uint8], second: NDArray[np.uint8]) -> float:
        """Of two pictures, RGB [H, W, 3], at their own size."""
        return lpips(self._see(first), self._see(second), self._heads).item()

    def _see(self, rgb: NDArray[np.uint8]) -> list[Tensor]:
        return self._net(torch.from_numpy(rgb).permute(2, 0, 1)[None].float() / 255)
