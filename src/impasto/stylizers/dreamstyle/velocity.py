"""The transformer as a function from a noisy video to velocities, under all that it is repainted by.

Legend: B clips, C channels, T latent frames of the video, h w their size, L tokens.
"""

from contextlib import nullcontext

import torch
import torch.nn.functional as F
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import Tensor, nn

from impasto.diffusion.attachments import Context
from impasto.diffusion.conditions import Conditions, no_picture
from impasto.diffusion.controls import Controls
from impasto.diffusion.flowmatching import TIMESTEPS, noised
from impasto.stylizers.dreamstyle.fusion import WeighedAttention, bias_of
from impasto.stylizers.dreamstyle.given import Given, image_of
from impasto.stylizers.dreamstyle.slots import Slots, SlottedRope, positions
from impasto.stylizers.dreamstyle.tokenlora import Spans


class Repainting(nn.Module):
    """A transformer with its attachments; the `Predict` of `impasto.diffusion.guidance` for `Given`."""

    def __init__(
        self,
        transformer: WanTransformer3DModel,
        context: Context,
        spans: Spans,
        rope: SlottedRope,
        attention: WeighedAttention,
        slots: Slots,
    ) -> None:
        super().__init__()
        self.transformer = transformer
        self.controls: Controls | None = None
        """ControlNets; with the hooks of `impasto.diffusion.attachments.attach_residuals`."""
        self._context, self._spans = context, spans
        self._slots: Slots = slots
        self._rope, self._attention = (rope,), attention  # the rope is a module of the transformer

    def forward(self, latents_BCThw: Tensor, sigma_B: Tensor, given: Given, branch: str = "one") -> Tensor:
        """Velocities of the video, [B, C, T, h, w], float32; one pass, whatever is given.

        Args:
            sigma_B: noise levels in 0..1, [B] or [1].
            branch: the name under which a cache keeps what it remembers of the last step.
        """
        transformer, dtype = self.transformer, self.transformer.dtype
        sigma_B = sigma_B.to(latents_BCThw.device, torch.float32).expand(len(latents_BCThw))
        first, frames, style = given.first_frames, latents_BCThw.shape[2], given.style_frames
        patch = transformer.config["patch_size"]
        each = (latents_BCThw.shape[3] // patch[1]) * (latents_BCThw.shape[4] // patch[2])
        self._spans.first, self._spans.style = first * each, style * each
        self._rope[0].positions = positions(self._slots, first, frames, style)
        self._context.text_tokens = given.text.shape[1]
        picture = self._picture(given)
        self._weigh(given, picture, each * (first + frames), each)
        self._context.residuals = self._controlled(latents_BCThw, sigma_B, given)
        caching = transformer.cache_context(branch) if transformer.is_cache_enabled else nullcontext()
        with caching:
            (velocity,) = transformer(
                hidden_states=self._sequence(latents_BCThw, sigma_B, given).to(dtype),
                timestep=self._timesteps(sigma_B, each, frames),
                encoder_hidden_states=given.text.to(dtype),
                encoder_hidden_states_image=None if picture is None else picture.to(dtype),
                return_dict=False,
            )
        return velocity[:, :, first : first + frames].float()

    def _sequence(self, latents: Tensor, sigma_B: Tensor, given: Given) -> Tensor:
        """Noisy latents of all frames, and their image channels."""
        # An extra frame goes the way of the video, from its own noise; where it has the timestep 0 it is there already.
        own_B = torch.zeros_like(sigma_B) if self._slots == "zero" else sigma_B
        parts = [latents.float()]
        if given.first is not None:
            parts.insert(0, noised(given.first.latents, given.first.noise, own_B))
        if given.style is not None:
            parts.append(noised(given.style.latents, given.style.noise, own_B))
        noisy = torch.cat(parts, 2)
        return torch.cat([noisy, image_of(given).to(noisy)], 1)

    def _controlled(self, latents: Tensor, sigma_B: Tensor, given: Given) -> dict[int, Tensor]:
        """What is added to the outputs of blocks, at the tokens of the video alone.

        The branches see the video as if it were painted from the text alone: so they were taught, and so what they say
        hangs on no extra frame.
        """
        if self.controls is None or given.control is None:
            return {}
        bare = Conditions(text=given.text, control=given.control, **no_picture(self.transformer, latents))
        added = self.controls(latents, sigma_B, bare)
        around = (0, 0, self._spans.first, self._spans.style)
        return {place: F.pad(value, around) for place, value in added.items()}

    def _timesteps(self, sigma_B: Tensor, each: int, frames: int) -> Tensor:
        """[B], or [B, L] where not all tokens have the same."""
        times_B = TIMESTEPS * sigma_B
        if self._slots != "zero" or not (self._spans.first or self._spans.style):
            return times_B
        video = times_B[:, None].expand(-1, each * frames)
        zeros = (times_B.new_zeros(len(times_B), count) for count in (self._spans.first, self._spans.style))
        before, after = zeros
        return torch.cat([before, video, after], 1)

    def _picture(self, given: Given) -> Tensor | None:
        """What the picture branch is given: zeros where there is nothing."""
        width = self.transformer.config["image_dim"]
        if width is None:
            return None
        # One token is as good as many: equal ones share the attention.
        return given.text.new_zeros(len(given.text), 1, width) if given.picture is None else given.picture

    def _weigh(self, given: Given, picture: Tensor | None, before: int, each: int) -> None:
        """Let style pictures count by their weights, in self-attention and in the picture branch."""
        self._attention.bias = bias_of(given.weights, before, each)
        self._context.picture_bias = None
        if picture is not None and given.picture is not None and given.weights:
            tokens = picture.shape[1] // (given.first_frames + given.style_frames)
            self._context.picture_bias = bias_of(given.weights, tokens * given.first_frames, tokens)
