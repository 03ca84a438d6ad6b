"""Text-to-image pipelines of diffusers that predict noise, seen as flow matching: Stable Diffusion, DeepFloyd.

They know `x = sqrt(a) x0 + sqrt(1 - a) noise`; divided by the sum of both roots that is `(1 - sigma) x0 + sigma noise`.

Legend: B pictures, C channels, H height, W width.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import torch
from torch import Tensor

from impasto.errors import ModelError

USUAL = 0.95
"""Share of the numbers of a picture that decides its range (Saharia 2022, dynamic thresholding)."""
WIDEST = 1.5


class PipelineTextToImage:
    """See `impasto.training.stylemaster.illusions.TextToImage`.

    Args:
        pipeline: a `StableDiffusionPipeline`, or an `IFPipeline`, whose canvas is pixels.
        guidance: scale of classifier-free guidance.

    Raises:
        ModelError: the network predicts something else than noise.
    """

    def __init__(self, pipeline: Any, guidance: float) -> None:
        kind = pipeline.scheduler.config.prediction_type
        if kind != "epsilon":
            raise ModelError(f"The text-to-image model predicts {kind!r}, not 'epsilon'; choose another model.")
        self._pipeline, self._guidance = pipeline, guidance
        self._vae = getattr(pipeline, "vae", None)
        # A pair asks for two prompts at every step.
        self._text = lru_cache(maxsize=2)(self._encode_text)
        kept = pipeline.scheduler.alphas_cumprod
        self._sigmas = (1 - kept).sqrt() / (kept.sqrt() + (1 - kept).sqrt())
        side = pipeline.unet.config.sample_size
        self.latent_shape = (pipeline.unet.config.in_channels, side, side)

    def sigmas(self, steps: int) -> Sequence[float]:
        """Evenly spaced over the steps that it was trained on."""
        timesteps = torch.linspace(len(self._sigmas) - 1, 0, steps + 1)[:-1].round().long()
        return self._sigmas[timesteps].tolist()

    def predict(self, latents_BCHW: Tensor, sigma: float, prompt: str) -> Tensor:
        """The velocity, guided; from a picture brought back into range where there is no autoencoder."""
        unet = self._pipeline.unet
        size = ((1 - sigma) ** 2 + sigma**2) ** 0.5
        timestep = (self._sigmas - sigma).abs().argmin()
        twice = (latents_BCHW / size).repeat(2, 1, 1, 1).to(unet.device, unet.dtype)
        texts = self._text(prompt).repeat_interleave(len(latents_BCHW), 0)
        # DeepFloyd predicts a variance as well, after the noise.
        noise = unet(twice, timestep.to(unet.device), texts).sample[:, : self.latent_shape[0]].to(latents_BCHW)
        without, with_text = noise.chunk(2)
        guided = without + self._guidance * (with_text - without)
        clean = (latents_BCHW - sigma * guided) / (1 - sigma)
        return (latents_BCHW - (clean if self._vae else in_range(clean))) / sigma

    def encode(self, rgb_BCHW: Tensor) -> Tensor:
        signed = 2 * rgb_BCHW - 1
        if not self._vae:
            return signed
        scale = self._vae.config.scaling_factor
        return self._vae.encode(signed.to(self._vae.device, self._vae.dtype)).latent_dist.mode().to(rgb_BCHW) * scale

    def decode(self, latents_BCHW: Tensor) -> Tensor:
        signed = latents_BCHW
        if self._vae:
            scaled = latents_BCHW / self._vae.config.scaling_factor
            signed = self._vae.decode(scaled.to(self._vae.device, self._vae.dtype)).sample.to(latents_BCHW)
        return (signed + 1) / 2

    def _encode_text(self, prompt: str) -> Tensor:
        """Features of the empty text and of a prompt."""
        there, nothing = self._pipeline.encode_prompt(
            prompt=prompt,
            device=self._pipeline.unet.device,
            num_images_per_prompt=1,
            do_classifier_free_guidance=True,
        )
        return torch.cat([nothing, there])


def in_range(rgb_BCHW: Tensor) -> Tensor:
    """Pictures in [-1, 1] that strong guidance has driven beyond it."""
    widest_B = rgb_BCHW.flatten(1).abs().quantile(USUAL, 1).clamp(1, WIDEST).view(-1, 1, 1, 1)
    return rgb_BCHW.clamp(-widest_B, widest_B) / widest_B
