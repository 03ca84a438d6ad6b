"""Where the extra frames stand in time: their places in the rotary position embedding.

The paper does not say; these are the natural reading and two published answers.

Legend: T latent frames of the video, L tokens, D channels, h w size of latents.
"""

from typing import Literal, cast

import torch
from diffusers.models.transformers.transformer_wan import WanRotaryPosEmbed
from torch import Tensor, nn

Slots = Literal["contiguous", "offset", "zero"]
"""`contiguous`: first frame, video and style pictures one after the other. `offset`: the first frame shares the place
of the video's first, as what is aligned with it, and pictures stand some places after its last (UNIC). `zero`: all
extra frames at 0, clean and with the timestep 0, the video after them (TeleStyle)."""
OFFSET = 4
"""Places between the video and the style pictures; UNIC does not say how many."""


def positions(slots: Slots, first: int, frames: int, style: int) -> list[int]:
    """The place in time of each frame of the sequence, in its order.

    Args:
        first: extra frames before the video, 0 or 1.
        frames: of the video.
        style: extra frames after it.
    """
    if slots == "contiguous":
        return list(range(first + frames + style))
    if slots == "offset":
        return [0] * first + list(range(frames)) + list(range(frames + OFFSET, frames + OFFSET + style))
    return [0] * first + list(range(1, frames + 1)) + [0] * style


class SlottedRope(nn.Module):
    """The library's embedding, with frames at places of our choice."""

    def __init__(self, rope: WanRotaryPosEmbed) -> None:
        super().__init__()
        self.rope = rope
        self.positions: list[int] = []
        """Of the frames of the next pass; none: one after the other."""

    def forward(self, hidden_states: Tensor) -> tuple[Tensor, Tensor]:
        """Cosines and sines, [1, L, 1, D] each; of `hidden_states` only the shape counts."""
        if not self.positions:
            return self.rope(hidden_states)
        count = max(self.positions) + 1
        shape = *hidden_states.shape[:2], count, *hidden_states.shape[3:]
        cosines, sines = self.rope(torch.empty(shape, device="meta"))
        chosen = torch.tensor(self.positions, device=cosines.device)
        return _at(cosines, count, chosen), _at(sines, count, chosen)


def attach(transformer: nn.Module) -> SlottedRope:
    """Put a `SlottedRope` in the place of a transformer's embedding."""
    slotted = SlottedRope(cast(WanRotaryPosEmbed, transformer.rope))
    transformer.rope = slotted
    return slotted


def detach(transformer: nn.Module) -> None:
    """Undo `attach`."""
    transformer.rope = cast(SlottedRope, transformer.rope).rope


def _at(waves_1L1D: Tensor, count: int, chosen: Tensor) -> Tensor:
    return waves_1L1D.unflatten(1, (count, -1))[:, chosen].flatten(1, 2)
