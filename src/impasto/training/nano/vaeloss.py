"""What the VAE of the nano base strives for.

Legend: B clips, C channels, T frames, H height, W width, N pictures. Frames are RGB in [-1, 1], as the VAE has them.
"""

import torch
import torch.nn.functional as F
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from torch import Tensor

from impasto.perception.encoder import Encoder

LAYERS = slice(1, 4)
"""relu2_1 to relu4_1: relu1_1 knows little more than pixels and costs the most, relu5_1 knows content, not looks."""


def motion_error(rebuilt_BCTHW: Tensor, frames_BCTHW: Tensor) -> Tensor:
    """Mean absolute error of the changes from frame to frame, 0 for single frames: what flickers, costs."""
    if frames_BCTHW.shape[2] == 1:
        return frames_BCTHW.new_zeros(())
    return F.l1_loss(rebuilt_BCTHW.diff(dim=2), frames_BCTHW.diff(dim=2))


def perceptual_distance(encoder: Encoder, rebuilt_NCHW: Tensor, pictures_NCHW: Tensor) -> Tensor:
    """Mean squared distance of the directions of an encoder's features, the mean over layers.

    As LPIPS without its learned weights (Zhang 2018, equation 1).
    """
    # The encoder is fastest in its own layout.
    both = torch.cat([rebuilt_NCHW, pictures_NCHW]).div(2).add(0.5).contiguous(memory_format=torch.channels_last)
    layers = [F.normalize(layer.float(), dim=1).chunk(2) for layer in encoder(both)[LAYERS]]
    return torch.stack([(ours - theirs).square().sum(1).mean() for ours, theirs in layers]).mean()


def information(latents: DiagonalGaussianDistribution) -> Tensor:
    """Kullback-Leibler divergence from the normal distribution, nats a latent value."""
    mean, logvar = latents.mean.float(), latents.logvar.float()
    return 0.5 * (mean.square() + logvar.exp() - 1 - logvar).mean()
