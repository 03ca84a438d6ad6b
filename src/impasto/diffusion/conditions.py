"""What a clip is painted by, as tensors that the transformer takes, and what stands for each where it is absent.

Legend: B clips, L text tokens, N picture tokens, S style tokens, D channels of tokens, C latent channels, T latent
frames, h w their size, M = 4 mask channels (as many as frames in a latent one).
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import torch
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import Tensor

MASK_CHANNELS = 4


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """All of one batch. None: the model has no such input; absent in a model that has it is "nothing", see below.

    Nothing is, for text: `empty_text`, else zeros; for picture tokens: zeros, as VideoX-Fun has it; for image
    channels: zeros, mask and latent; for style tokens: `null_style`, else zeros; for control: zeros.
    """

    text: Tensor
    """[B, L, D], features of the text encoder; shorter texts go on with zeros, see `padded`."""
    empty_text: Tensor | None = None
    """[1 or B, L, D], features of the text that says nothing."""
    picture: Tensor | None = None
    """[B, N, D], patch features of the pictures to go by: first frame, style picture."""
    image: Tensor | None = None
    """[B, M + C, T, h, w], put after the noise along the channels, see `image_channels`."""
    style: Tensor | None = None
    """[B, S, D], tokens for the style span of the cross-attention."""
    null_style: Tensor | None = None
    """[1 or B, S, D], learned tokens of no style."""
    control: Tensor | None = None
    """[B, C, T, h, w], normalised latents of the control pictures."""


@dataclass(frozen=True, kw_only=True)
class DropRates:
    """How often each condition is dropped in training, 0..1: for each clip by itself, whatever else is dropped."""

    text: float = 0.0
    picture: float = 0.0
    image: float = 0.0
    style: float = 0.0
    control: float = 0.0


CONDITIONS = tuple(field.name for field in fields(DropRates))
"""Names of what can be dropped."""


def without(conditions: Conditions, *names: str) -> Conditions:
    """The conditions with nothing in the place of those named; what is None stays so."""
    return replace(conditions, **{name: _nothing(conditions, name) for name in names})


def dropped(conditions: Conditions, rates: DropRates, generator: torch.Generator) -> Conditions:
    """Conditions for a training step of classifier-free guidance (Ho 2022): nothing in the place of some, by chance.

    The same numbers are drawn whichever conditions there are, so that models with fewer of them can be compared.
    """
    count = len(conditions.text)
    changed = {}
    for name in CONDITIONS:
        drawn_B = torch.rand(count, generator=generator, device=generator.device)
        value: Tensor | None = getattr(conditions, name)
        nothing = _nothing(conditions, name)
        if value is not None and nothing is not None:
            falls = (drawn_B < getattr(rates, name)).to(value.device).view(-1, *[1] * (value.dim() - 1))
            changed[name] = torch.where(falls, nothing, value)
    return replace(conditions, **changed)


def together(chain: Sequence[Conditions]) -> Conditions:
    """Several conditions as one batch, in order; all must have the same inputs of the same shapes."""
    joined = {}
    for name in CONDITIONS:
        values = [getattr(conditions, name) for conditions in chain]
        joined[name] = None if values[0] is None else torch.cat(values)
    return Conditions(**joined)


def some_of(conditions: Conditions, share: slice) -> Conditions:
    """The conditions of some clips of a batch."""
    changed = {}
    for name, value in vars(conditions).items():
        if value is not None:
            changed[name] = value[share] if len(value) == len(conditions.text) else value
    return replace(conditions, **changed)


def no_picture(transformer: WanTransformer3DModel, like_BCThw: Tensor) -> dict[str, Tensor]:
    """Zeros for the inputs that an image-to-video base has beside text, so that it paints from the text alone.

    Args:
        like_BCThw: latents of the clip.
    """
    config, batch = transformer.config, len(like_BCThw)
    extra = config["in_channels"] - like_BCThw.shape[1]
    zeros = {"image": like_BCThw.new_zeros(batch, extra, *like_BCThw.shape[2:])} if extra else {}
    if config["image_dim"]:
        # One token is as good as many: equal ones share the attention.
        zeros["picture"] = like_BCThw.new_zeros(batch, 1, config["image_dim"])
    return zeros


def image_channels(latents_BCThw: Tensor, known_T: Sequence[bool]) -> Tensor:
    """Mask, then latents, [B, M + C, T, h, w], as Wan's image-to-video transformer takes them after the noise.

    Args:
        known_T: latent frames that the result is to keep; the mask is 1 on these and 0 on all others.
    """
    known = torch.tensor(known_T, dtype=latents_BCThw.dtype, device=latents_BCThw.device)
    batch, _, frames, height, width = latents_BCThw.shape
    mask = known.view(1, 1, frames, 1, 1).expand(batch, MASK_CHANNELS, frames, height, width)
    return torch.cat([mask, latents_BCThw], 1)


def padded(texts: Sequence[Tensor], length: int) -> Tensor:
    """Features of texts [L, D] as one batch [B, length, D]: zeros after the shorter, as Wan has it; longer are cut."""
    batch = texts[0].new_zeros(len(texts), length, texts[0].shape[-1])
    for row, text_LD in zip(batch, texts, strict=True):
        row[: len(text_LD)] = text_LD[:length]
    return batch


def _nothing(conditions: Conditions, name: str) -> Tensor | None:
    value: Tensor | None = getattr(conditions, name)
    if value is None:
        return None
    stand_in = {"text": conditions.empty_text, "style": conditions.null_style}.get(name)
    return torch.zeros_like(value) if stand_in is None else stand_in.to(value).expand_as(value)
