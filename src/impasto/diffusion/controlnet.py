"""ControlNets of half of the blocks (Zhang 2023; StyleMaster, section 3.5): a sequence of pictures leads the base.

Legend: B clips, C channels of latents, T frames, h w size of latents, L tokens, D width.
"""

import copy
from typing import cast

import torch
from diffusers.models.transformers.transformer_wan import WanRotaryPosEmbed, WanTransformer3DModel
from torch import Tensor, nn

from impasto.diffusion.attachments import Context, attach_attention
from impasto.diffusion.conditions import Conditions
from impasto.diffusion.flowmatching import TIMESTEPS
from impasto.diffusion.velocity import model_input


class ControlNet(nn.Module):
    """A copy of the base's first blocks, half as many, that sees the control latent beside the noisy one.

    A `Control` of `impasto.diffusion.velocity`. Its blocks stay plain: no style, no adapter. What it gives is zero
    until it has learnt.

    Args:
        base: whose weights it begins with, before anything is attached to it. Its embeddings of time and text serve
            both.
        channels: of the control latent.
    """

    def __init__(self, base: WanTransformer3DModel, channels: int) -> None:
        super().__init__()
        # In tuples, so that its weights are not counted as the branch's.
        self._base, self._rope = (base,), (_rope_of(base),)
        count, width = len(base.blocks), base.proj_out.in_features
        self.blocks = nn.ModuleList(copy.deepcopy(block) for block in base.blocks[: max(1, count // 2)])
        self.places = tuple(number * count // len(self.blocks) for number in range(len(self.blocks)))
        """Blocks of the base, at regular intervals, to whose outputs is added."""
        self.enter = _widened(base.patch_embedding, channels)
        leave = [nn.Linear(width, width).to(base.proj_out.weight) for _ in self.blocks]
        for linear in leave:
            nn.init.zeros_(linear.weight)
            nn.init.zeros_(linear.bias)
        self.leave = nn.ModuleList(leave)
        self._context = Context()
        attach_attention(self, self._context)  # pyright: ignore[reportArgumentType]

    @classmethod
    def beside(cls, base: WanTransformer3DModel, channels: int) -> "ControlNet":
        """For a base to which something is attached already; its weights are yet to be loaded."""
        with torch.device("meta"):
            plain = WanTransformer3DModel.from_config(base.config)
        branch = cls(cast(WanTransformer3DModel, plain), channels).to_empty(device="cpu")
        branch._base, branch._rope = (base,), (_rope_of(base),)
        return branch

    def forward(self, latents_BCThw: Tensor, sigma_B: Tensor, conditions: Conditions) -> dict[int, Tensor]:
        """What is added to the outputs of the base's blocks, [B, L, D] by number; nothing without a control."""
        if conditions.control is None:
            return {}
        (base,), (rope,) = self._base, self._rope
        self._context.text_tokens = conditions.text.shape[1]
        picture = None if conditions.picture is None else conditions.picture.to(base.dtype)
        _, time, text_BLD, picture_BLD = base.condition_embedder(
            TIMESTEPS * sigma_B, conditions.text.to(base.dtype), picture
        )
        if picture_BLD is not None:
            text_BLD = torch.cat([picture_BLD, text_BLD], 1)
        own = self.enter.weight.dtype  # float32 while it learns beside a base of half the precision
        noisy_BCThw = model_input(latents_BCThw, conditions)
        seen_BCThw = torch.cat([noisy_BCThw, conditions.control.to(noisy_BCThw)], 1).to(own)
        x_BLD = self.enter(seen_BCThw).flatten(2).transpose(1, 2).contiguous()
        given = text_BLD.to(own), time.unflatten(1, (6, -1)), rope(noisy_BCThw)
        checkpointing = base.gradient_checkpointing and torch.is_grad_enabled()
        checkpoint = base._gradient_checkpointing_func if checkpointing else None
        added = {}
        for place, block, leave in zip(self.places, self.blocks, self.leave, strict=True):
            x_BLD = checkpoint(block, x_BLD, *given) if checkpoint else block(x_BLD, *given)
            added[place] = leave(x_BLD)
        return added


def _rope_of(base: WanTransformer3DModel) -> WanRotaryPosEmbed:
    """The library's own, also where something is put around it."""
    return next(module for module in base.modules() if isinstance(module, WanRotaryPosEmbed))


def _widened(patches: nn.Conv3d, channels: int) -> nn.Conv3d:
    """The same patches of more channels, of which the new ones count for nothing yet."""
    channels += patches.in_channels
    wide = nn.Conv3d(channels, patches.out_channels, patches.kernel_size, patches.stride).to(patches.weight)  # pyright: ignore[reportArgumentType]
    with torch.no_grad():
        nn.init.zeros_(wide.weight)
        wide.weight[:, : patches.in_channels] = patches.weight
        assert wide.bias is not None
        assert patches.bias is not None
        wide.bias.copy_(patches.bias)
    return wide
