"""Pictures by a video model: its clips of one frame.

Legend: B pictures, C channels, H height, W width, L text tokens, D their channels.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.conditions import Conditions, no_picture
from impasto.diffusion.guidance import guidance_chain, guided
from impasto.diffusion.sampling import schedule
from impasto.diffusion.velocity import Velocity


class WanTextToImage:
    """See `impasto.training.stylemaster.illusions.TextToImage`.

    Args:
        read: features [2, L, D] of the empty text and of a prompt.
        latent_shape: (C, H, W).
        shift: of the noise levels.
        guidance: scale of classifier-free guidance.
    """

    def __init__(
        self,
        velocity: Velocity,
        autoencoder: Autoencoder,
        read: Callable[[str], Tensor],
        latent_shape: tuple[int, int, int],
        shift: float,
        guidance: float,
    ) -> None:
        self.latent_shape = latent_shape
        self._velocity, self._autoencoder, self._read = velocity, autoencoder, read
        self._shift, self._guidance = shift, guidance

    def sigmas(self, steps: int) -> Sequence[float]:
        """Those of `impasto.diffusion.sampling`, without the 0 at their end."""
        return schedule(steps, self._shift)[:-1].tolist()

    def predict(self, latents_BCHW: Tensor, sigma: float, prompt: str) -> Tensor:
        """The velocity, guided."""
        latents_BC1HW = latents_BCHW.unsqueeze(2)
        nothing_LD, text_LD = self._read(prompt).to(latents_BCHW)
        blank = no_picture(self._velocity.transformer, latents_BC1HW)
        text_BLD = text_LD.expand(len(latents_BCHW), -1, -1)
        conditions = Conditions(text=text_BLD, empty_text=nothing_LD[None], **blank)
        chain, sigma_1 = guidance_chain(conditions, ("text",)), torch.tensor([sigma])
        return guided(self._velocity, latents_BC1HW, sigma_1, chain, (self._guidance,)).squeeze(2)

    def encode(self, rgb_BCHW: Tensor) -> Tensor:
        return self._autoencoder.encode(rgb_BCHW.unsqueeze(2)).squeeze(2)

    def decode(self, latents_BCHW: Tensor) -> Tensor:
        return self._autoencoder.decode(latents_BCHW.unsqueeze(2)).squeeze(2)
