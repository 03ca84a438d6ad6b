"""What the VAE of the nano base strives for.

Legend: B clips, C channels, T frames, H height, W width, N pictures. Frames are RGB in [-1, 1], as the VAE has them.
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from torch import Tensor

from impasto.perception.encoder import Encoder
from impasto.perception.statistics import EPSILON

WINDOW = 32
"""Pixels a side in which texture is compared; a picture has as many at least."""


def motion_error(rebuilt_BCTHW: Tensor, frames_BCTHW: Tensor) -> Tensor:
    """Mean absolute error of the changes from frame to frame, 0 for single frames: what flickers, costs."""
    if frames_BCTHW.shape[2] == 1:
        return frames_BCTHW.new_zeros(())
    return F.l1_loss(rebuilt_BCTHW.diff(dim=2), frames_BCTHW.diff(dim=2))


def seen_by(encoder: Encoder, rebuilt_NCHW: Tensor, pictures_NCHW: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Features of both, relu1_1 to relu4_1: relu5_1 knows content, not looks."""
    # The encoder is fastest in its own layout.
    both = torch.cat([rebuilt_NCHW, pictures_NCHW]).div(2).add(0.5).contiguous(memory_format=torch.channels_last)
    return [layer.float().chunk(2) for layer in encoder(both)[:4]]  # pyright: ignore[reportReturnType]


def perceptual_distance(seen: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """Mean squared distance of the directions of features, the mean over layers.

    As LPIPS without its learned weights (Zhang 2018, equation 1); relu1_1 is left out, since it knows little more than
    pixels and costs the most.
    """
    layers = [tuple(F.normalize(layer, dim=1) for layer in pair) for pair in seen[1:]]
    return torch.stack([(ours - theirs).square().sum(1).mean() for ours, theirs in layers]).mean()


def texture_distance(seen: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """How far means and deviations of features are apart in windows of `WINDOW` pixels that overlap by half.

    What a window looks like counts, and not where in it each stroke is, which latents do not tell: the absolute error
    alone paints the mean of all places, which is flat (EnhanceNet, Sajjadi 2017, section 4.2.3, there with products of
    features). Relative to the picture's, the mean over windows and layers.
    """
    layers = []
    for number, pair in enumerate(seen):
        window = WINDOW >> number
        ours, theirs = (_in_windows(layer, window) for layer in pair)
        layers.append(((ours - theirs).norm(dim=1) / theirs.norm(dim=1)).mean())
    return torch.stack(layers).mean()


def _in_windows(layer_NChw: Tensor, window: int) -> Tensor:
    """Means and deviations in windows, [N, 2C, ...]."""
    mean, squares = (F.avg_pool2d(x, window, window // 2) for x in (layer_NChw, layer_NChw.square()))
    return torch.cat([mean, ((squares - mean.square()).clamp_min(0) + EPSILON).sqrt()], 1)


def information(latents: DiagonalGaussianDistribution) -> Tensor:
    """Kullback-Leibler divergence from the normal distribution, nats a latent value."""
    mean, logvar = latents.mean.float(), latents.logvar.float()
    return 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
