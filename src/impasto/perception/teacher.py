"""The teacher of the encoder: a distilled VGG-19 from the data folder, used in training and measuring only.

Weights: Wang et al., Collaborative Distillation, CVPR 2020 (`vgg19_distilled16x_wct.fp16.safetensors`, MIT).
"""

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from impasto.errors import ModelError
from impasto.weights.paths import assets_dir

_BLOCKS = (("11", "12"), ("21", "22"), ("31", "32", "33", "34"), ("41", "42", "43", "44"), ("51",))


class Teacher(nn.Module):
    """RGB [B, 3, H, W] in [0, 1] -> relu1_1 .. relu5_1 with VGG-19's channels.

    Raises:
        ModelError: the weights are not in the data folder.
    """

    def __init__(self) -> None:
        super().__init__()
        path = assets_dir() / "nets" / "vgg19_distilled16x_wct.fp16.safetensors"
        if not path.is_file():
            raise ModelError(f"The teacher's weights are missing: {path}; set IMPASTO_ASSETS (see docs/data.md).")
        for key, value in load_file(path).items():
            if key.startswith("se5."):
                self.register_buffer(key.removeprefix("se5.").replace(".", "_"), value.float())
        # conv0 only mixes and shifts colours, so it folds into conv11: one pass over the full-size picture less.
        # Exact because the reflected border is made of pixels, which conv0 maps alike.
        w0, b0 = self.get_buffer("conv0_weight")[:, :, 0, 0], self.get_buffer("conv0_bias")
        w1, b1 = self.get_buffer("conv11_weight"), self.get_buffer("conv11_bias")
        self.conv11_bias = b1 + torch.einsum("oiyx,i->o", w1, b0)
        self.conv11_weight = torch.einsum("oiyx,ij->ojyx", w1, w0)
        self.requires_grad_(False)

    def _conv(self, x: Tensor, name: str, pad: int) -> Tensor:
        if pad:
            x = F.pad(x, (1, 1, 1, 1), mode="reflect")
        return F.relu(F.conv2d(x, self.get_buffer(f"conv{name}_weight"), self.get_buffer(f"conv{name}_bias")))

    def forward(self, rgb_BCHW: Tensor, first_stride: int = 1, trunk: list[Tensor] | None = None) -> list[Tensor]:
        """`first_stride` and `trunk` as in `Encoder.forward`."""
        x, features = rgb_BCHW, []
        for number, block in enumerate(_BLOCKS):
            if number:
                x = F.max_pool2d(x, 2)
            for depth, name in enumerate(block):
                x = self._conv(x, name, 1)
                if trunk is not None:
                    trunk.append(x)
                if depth == 0:
                    thin = x if number else x[..., ::first_stride, ::first_stride]
                    features.append(self._conv(thin, f"{name}_aux", 0))
        return features
