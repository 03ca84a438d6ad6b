"""The transformer as a function from noisy latents to velocities, under conditions.

Legend: B clips, C channels, T latent frames, h w their size.
"""

from collections.abc import Callable, Mapping
from contextlib import nullcontext

import torch
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import Tensor, nn

from impasto.diffusion.attachments import Context
from impasto.diffusion.conditions import Conditions
from impasto.diffusion.flowmatching import TIMESTEPS

Control = Callable[[Tensor, Tensor, Conditions], Mapping[int, Tensor]]
"""A control branch: from latents, sigmas and conditions to residuals by the number of the block."""


class Velocity(nn.Module):
    """A transformer with its attachments; the `Predict` of `impasto.diffusion.guidance`.

    Args:
        transformer: with the attention of `impasto.diffusion.attachments.attach_attention`.
        context: the one that was attached.
        control: attached with `attach_residuals`; a module of it is a module of this one.
    """

    def __init__(self, transformer: WanTransformer3DModel, context: Context, control: Control | None = None) -> None:
        super().__init__()
        self.transformer = transformer
        self.context = context
        self.control = control

    def forward(self, latents_BCThw: Tensor, sigma_B: Tensor, conditions: Conditions, branch: str = "one") -> Tensor:
        """Velocities [B, C, T, h, w], float32.

        Args:
            sigma_B: noise levels in 0..1, [B] or [1].
            branch: the name under which a cache keeps what it remembers of the last step.
        """
        sigma_B = sigma_B.to(latents_BCThw.device, torch.float32).expand(len(latents_BCThw))
        context, dtype = self.context, self.transformer.dtype
        context.text_tokens = conditions.text.shape[1]
        context.style = conditions.style
        context.residuals = self.control(latents_BCThw, sigma_B, conditions) if self.control else {}
        caching = self.transformer.cache_context(branch) if self.transformer.is_cache_enabled else nullcontext()
        with caching:
            (velocity_BCThw,) = self.transformer(
                hidden_states=model_input(latents_BCThw, conditions).to(dtype),
                timestep=TIMESTEPS * sigma_B,
                encoder_hidden_states=conditions.text.to(dtype),
                encoder_hidden_states_image=None if conditions.picture is None else conditions.picture.to(dtype),
                return_dict=False,
            )
        return velocity_BCThw.float()


def model_input(latents_BCThw: Tensor, conditions: Conditions) -> Tensor:
    """Noisy latents with the image channels after them, where there are some."""
    if conditions.image is None:
        return latents_BCThw
    return torch.cat([latents_BCThw, conditions.image.to(latents_BCThw)], 1)
