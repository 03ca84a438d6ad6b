"""Latents of frames by the embedded autoencoder, of which it is loaded once.

Legend: T frames, H height, W width, C channels, t latent frames, h w their size.
"""

from functools import cache

from torch import Tensor

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.embedded import VAE, load_vae
from impasto.diffusion.memory import best_device
from impasto.weights.paths import weights_file
from impasto.weights.precision import autocast


def as_frames(bytes_THWC: Tensor) -> Tensor:
    """[T, 3, H, W] in [0, 1]."""
    return bytes_THWC.permute(0, 3, 1, 2).float() / 255


def latent_of(frames_TCHW: Tensor) -> Tensor:
    """Normalised latents [C, t, h, w] of frames in [0, 1]; raises `ModelError` where the autoencoder is missing."""
    autoencoder = frames_autoencoder()
    device = autoencoder.latents_mean.device
    # As the latents of the clips themselves are made.
    with autocast(device):
        latent_1CThw = autoencoder.encode(frames_TCHW.transpose(0, 1)[None].to(device))
    return latent_1CThw[0].float().cpu()


@cache
def frames_autoencoder() -> Autoencoder:
    """The embedded one, where networks are best off."""
    return Autoencoder(load_vae(weights_file(VAE))).to(best_device())
