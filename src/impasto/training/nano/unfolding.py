"""A video VAE that begins as one of pictures: what it learns on pictures then holds for clips from the first step.

Each causal convolution sees the newest frame only (the tail initialisation of MAGVIT-v2, Yu 2024, section 3.2), and
those that halve or double the frame rate take the newest frame or repeat it. The shortcuts of Wan 2.2's layout have no
weights and still mix frames.
"""

import torch
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan, WanCausalConv3d, WanResample
from torch import nn


@torch.no_grad()
def begin_with_pictures(vae: AutoencoderKLWan) -> None:
    """Change weights of a new VAE so that every frame is coded and decoded by itself."""
    for module in vae.modules():
        if isinstance(module, WanCausalConv3d):
            module.weight[:, :, :-1] = 0
        if isinstance(module, WanResample) and module.mode in ("downsample3d", "upsample3d"):
            _pass_on(module.time_conv)


def _pass_on(time_conv: nn.Conv3d) -> None:
    """The newest frame; once, or twice where there are as many filters."""
    count = time_conv.in_channels
    time_conv.weight.zero_()
    time_conv.weight[:, :, -1, 0, 0] = torch.eye(count).repeat(time_conv.out_channels // count, 1)
    nn.init.zeros_(time_conv.bias)  # pyright: ignore[reportArgumentType]
