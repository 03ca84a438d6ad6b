"""What a step of the transformer's training looks at: clips of one length and size, with their conditions.

Legend: B clips, C latent channels, T latent frames, h w their size, N picture tokens, L text tokens, D channels.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from impasto.diffusion.conditions import Conditions, padded, some_of
from impasto.diffusion.embedded import first_frame_channels
from impasto.training.nano.latents import Example

WHOLE = 0.6
"""Share of the steps on clips at their full length; all others see the first few latent frames, one at least."""
PATCH_AREA = 4
"""Latent pixels of a token."""


@dataclass(frozen=True)
class Batch:
    latents: Tensor
    """[B, C, T, h, w]"""
    conditions: Conditions

    def part(self, share: slice) -> "Batch":
        """Some of its clips."""
        return Batch(self.latents[share], some_of(self.conditions, share))

    def to(self, device: torch.device) -> "Batch":
        """The same batch on a device."""
        tensors = {name: value.to(device) for name, value in vars(self.conditions).items() if value is not None}
        return Batch(self.latents.to(device), replace(self.conditions, **tensors))


def draw(found: Sequence[Example], rng: np.random.Generator, tokens: int, empty_text_LD: Tensor) -> Batch:
    """As many random clips, of a random length and size, as have about so many tokens; one at least."""
    frames, height, width = found[int(rng.integers(len(found)))].shape
    if rng.random() > WHOLE:
        frames = int(rng.integers(1, frames + 1))
    fitting = [one for one in found if one.shape[0] >= frames and one.shape[1:] == (height, width)]
    count = max(1, tokens * PATCH_AREA // (frames * height * width))
    chosen = [fitting[i] for i in rng.integers(len(fitting), size=count)]
    return batch_of(chosen, [int(rng.integers(len(one.captions))) for one in chosen], frames, empty_text_LD)


def batch_of(chosen: Sequence[Example], captions: Sequence[int], frames: int, empty_text_LD: Tensor) -> Batch:
    """The first latent frames of some examples of one size, each with one of its captions and its first frame.

    Single frames have no first frame to go by: from text alone.
    """
    latents_BCThw = torch.stack([one.latent()[:, :frames] for one in chosen])
    texts = [one.text(number) for one, number in zip(chosen, captions, strict=True)]
    length = max(len(text) for text in (*texts, empty_text_LD))
    image = first_frame_channels(latents_BCThw[:, :, :1], frames)
    if frames > 1:
        picture = torch.stack([one.patches() for one in chosen])
    else:  # one token of zeros gives what any number of them does
        picture, image = chosen[0].pooled().new_zeros(len(chosen), 1, len(chosen[0].pooled())), torch.zeros_like(image)
    conditions = Conditions(
        text=padded(texts, length), empty_text=padded([empty_text_LD], length), picture=picture, image=image
    )
    return Batch(latents_BCThw, conditions)
