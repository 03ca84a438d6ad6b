"""What the estimate of a painted clip looks like, beside the painted clip.

Departure: where there is little but noise, flow matching learns the mean of all that might be painted, and in few steps
that is flat. So the clean estimate is decoded and looked at as well (Lin and Yang 2024, "Diffusion Model with
Perceptual Loss", there by features of the diffusion model itself).

Legend: B clips, C latent channels, t latent frames, h w their size; N pictures of H x W pixels.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from impasto.diffusion.autoencoder import Autoencoder
from impasto.perception.encoder import Encoder
from impasto.training.nano.vaeloss import perceptual_distance, seen_by, texture_distance


@dataclass(frozen=True, kw_only=True)
class SightConfig:
    weight: float
    """Of what is seen, beside the error of the velocities."""
    every: int = 2
    """One clip in so many of a batch is looked at: looking costs as much as painting."""
    side: int = 16
    """Of the window that is looked at, in latents."""
    frames: int = 3
    """Of each clip, from all over it, that the encoder sees."""


@dataclass(frozen=True)
class Sight:
    config: SightConfig
    autoencoder: Autoencoder
    encoder: Encoder

    def window(self, size: tuple[int, int], rng: np.random.Generator) -> tuple[slice, slice]:
        """A random window of latents of a size (h, w), or all of a side that is smaller."""
        starts = [int(rng.integers(max(side - self.config.side, 0) + 1)) for side in size]
        return slice(starts[0], starts[0] + self.config.side), slice(starts[1], starts[1] + self.config.side)

    def __call__(self, estimate_BCthw: Tensor, painted_BCthw: Tensor) -> Tensor:
        """Distance of texture and of features (impasto.training.nano.vaeloss) of what both show; latents normalised."""
        with torch.no_grad():
            wanted = self._decoded(painted_BCthw)
        features = seen_by(self.encoder, self._decoded(estimate_BCthw), wanted)
        return texture_distance(features) + perceptual_distance(features)

    def _decoded(self, latents_BCthw: Tensor) -> Tensor:
        """Some frames as pictures [N, 3, H, W] in [-1, 1], with gradients."""
        own = self.autoencoder
        latents_BCthw = latents_BCthw * own.latents_std + own.latents_mean
        frames_BCTHW = own.vae.decode(latents_BCthw, return_dict=False)[0].float()
        count = frames_BCTHW.shape[2]
        shown = sorted({round(place) for place in np.linspace(0, count - 1, min(count, self.config.frames))})
        return frames_BCTHW[:, :, shown].transpose(1, 2).flatten(0, 1)
