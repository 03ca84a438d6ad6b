"""Wan's causal convolutions over time, computed as convolutions of pictures.

What a filter sees of neighbouring frames is laid side by side as channels, so that one convolution in two dimensions
does the work; frames that are only padding are left out where a clip is a single picture. On a CPU with bfloat16
matrix units this takes half the time, and the library's convolutions in three dimensions overwrite memory there in
their backward pass at 16 channels and sides of 96 (oneDNN as of torch 2.13).

Legend: B clips, C channels, T frames, h w their size, K frames that a filter sees.
"""

import torch
import torch.nn.functional as F
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan, WanCausalConv3d
from torch import Tensor


class PictureConvolution(WanCausalConv3d):
    """The library's causal convolution, with the same weights and results."""

    def forward(self, x: Tensor, cache_x: Tensor | None = None) -> Tensor:
        """[B, C, T, h, w]; `cache_x` are the frames before, as the library keeps them."""
        width, _, height, _, before, _ = self._padding
        if cache_x is not None and before:
            x = torch.cat([cache_x.to(x), x], dim=2)
            before -= cache_x.shape[2]
        seen, stride, kernel = self.kernel_size[0], self.stride[0], self.weight
        if before == seen - 1 and x.shape[2] == 1:
            kernel, seen, before = kernel[:, :, -1:], 1, 0
        frames_BTChw = F.pad(x, (0, 0, 0, 0, before, 0)).transpose(1, 2)
        count = (frames_BTChw.shape[1] - seen) // stride + 1
        views = [frames_BTChw[:, k : k + stride * (count - 1) + 1 : stride] for k in range(seen)]
        pictures = torch.cat(views, dim=2).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        kernel = kernel.transpose(1, 2).flatten(1, 2)
        result = F.conv2d(pictures, kernel, self.bias, self.stride[1:], (height, width))
        return result.unflatten(0, (len(x), count)).transpose(1, 2)


def convolve_pictures(vae: AutoencoderKLWan) -> None:
    """Let all causal convolutions of a VAE be computed this way."""
    for module in vae.modules():
        if type(module) is WanCausalConv3d:
            module.__class__ = PictureConvolution
