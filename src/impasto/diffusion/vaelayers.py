"""Layers of Wan's VAE with the library's weights and results, in the way that a CPU is fastest with.

Causal convolutions over time become convolutions of pictures: what a filter sees of neighbouring frames is laid side by
side as channels, and frames that are only padding are left out where a clip is a single picture. The norm keeps the
type that it is given. With bfloat16 matrix units a training step takes a third of the time; and the library's
convolutions in three dimensions overwrite memory there in their backward pass at 16 channels and sides of 96 (oneDNN
as of torch 2.13).

Legend: B clips, C channels, T frames, h w their size.
"""

from typing import Any, cast

import torch
import torch.nn.functional as F
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan, WanCausalConv3d, WanRMS_norm
from torch import Tensor


class PictureConvolution(WanCausalConv3d):
    """The library's causal convolution."""

    def forward(self, x: Tensor, cache_x: Tensor | None = None) -> Tensor:
        """[B, C, T, h, w]; `cache_x` are the frames before, as the library keeps them."""
        width, _, height, _, before, _ = cast(tuple[int, ...], self._padding)
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


class ChannelNorm(WanRMS_norm):
    """The library's norm over channels."""

    def forward(self, x: Tensor) -> Tensor:
        """[B, C, ...]."""
        return _ChannelNorm.apply(x, self.gamma)  # pyright: ignore[reportReturnType]


class _ChannelNorm(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, gamma: Tensor) -> Tensor:
        length = torch.linalg.vector_norm(x, dim=1, keepdim=True, dtype=torch.float32).clamp_min(1e-12)
        scale = (x.shape[1] ** 0.5 / length).to(x.dtype)
        unit = x * scale
        ctx.save_for_backward(unit, scale, gamma)
        return unit * gamma.to(x.dtype)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        unit, scale, gamma = ctx.saved_tensors
        (gradient,) = gradients
        moved = gradient * unit
        of_gamma = moved.sum(dim=(0, *range(2, unit.dim())), dtype=torch.float32).view_as(gamma)
        gamma = gamma.to(unit.dtype)
        along = (moved * gamma).mean(1, keepdim=True)  # what only changes the length is lost
        return torch.addcmul(gradient * gamma, unit, along, value=-1) * scale, of_gamma


def compute_as_pictures(vae: AutoencoderKLWan) -> None:
    """Let the convolutions and norms of a VAE be computed this way."""
    for module in vae.modules():
        if type(module) is WanCausalConv3d:
            module.__class__ = PictureConvolution
        elif type(module) is WanRMS_norm and module.channel_first and not isinstance(module.bias, Tensor):
            module.__class__ = ChannelNorm
