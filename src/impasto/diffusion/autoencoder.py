"""Pixels to normalised latents and back.

Legend: B clips, T frames of H x W pixels, C latent channels, t latent frames of h x w.
"""

import torch
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from torch import Tensor, nn

from impasto.diffusion.shapes import FRAMES_STEP, SIDE_STEP


class Autoencoder(nn.Module):
    """Wan's autoencoder in float32, with latents of mean 0 and deviation 1 by the statistics of its configuration.

    Time is gone through in latent frames with what the convolutions remember, so that memory does not grow with it by
    more than the clip itself; with tiles it does not grow with the picture either.

    Args:
        tiled: in overlapping tiles of 256 pixels, for pictures that are larger.
    """

    def __init__(self, vae: AutoencoderKLWan, tiled: bool = False) -> None:
        super().__init__()
        self.vae = vae.float()
        if tiled:
            self.vae.enable_tiling()
        for name in ("latents_mean", "latents_std"):
            statistic = torch.tensor(getattr(vae.config, name)).view(1, -1, 1, 1, 1)
            self.register_buffer(name, statistic.to(vae.device), persistent=False)

    latents_mean: Tensor
    latents_std: Tensor

    @torch.no_grad()
    def encode(self, frames_B3THW: Tensor) -> Tensor:
        """Latents [B, C, t, h, w] of RGB in 0..1: the mode of their distribution, not a sample.

        Raises:
            ValueError: the length is not 4n + 1 or a side is no multiple of 16; see `impasto.diffusion.shapes.pad`.
        """
        frames, *sides = frames_B3THW.shape[2:]
        if frames % FRAMES_STEP != 1 or any(side % SIDE_STEP for side in sides):
            raise ValueError(f"A clip of {frames} frames of {sides[1]}x{sides[0]} must be padded before encoding.")
        mode = self.vae.encode(2 * frames_B3THW.float() - 1, return_dict=False)[0].mode()
        return (mode - self.latents_mean) / self.latents_std

    @torch.no_grad()
    def decode(self, latents_BCthw: Tensor) -> Tensor:
        """RGB frames [B, 3, T, H, W] in 0..1."""
        latents_BCthw = latents_BCthw.float() * self.latents_std + self.latents_mean
        return (self.vae.decode(latents_BCthw, return_dict=False)[0] + 1) / 2

    def encode_first(self, frame_B3HW: Tensor, frames: int) -> Tensor:
        """Latents of a clip whose other frames are mid-gray: what Wan's image-to-video transformer goes by."""
        clip_B3THW = torch.full_like(frame_B3HW, 0.5).unsqueeze(2).repeat(1, 1, frames, 1, 1)
        clip_B3THW[:, :, 0] = frame_B3HW
        return self.encode(clip_B3THW)
