"""What a clip is repainted by, and how it is laid out as the frames of one sequence.

first frame | video | style pictures, each a span of frames; tokens go frame by frame, so each is a span of tokens too.

Legend: B clips, C latent channels, T latent frames of the video, E of an extra, h w their size, L text tokens, N
picture tokens, D channels of tokens, M mask channels.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from impasto.diffusion.conditions import image_channels


@dataclass(frozen=True)
class Extra:
    """Frames beside those of the video."""

    latents: Tensor
    """[B, C, E, h, w], normalised; each frame encoded as a picture."""
    noise: Tensor
    """The same shape: where their own path begins."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """Everything for one batch, all clips of which are repainted by conditions of the same kinds.

    Any of them together is legal, also where they contradict each other: all are seen, and none is preferred by rule.
    """

    text: Tensor
    """[B, L, D], features of the text encoder."""
    empty_text: Tensor | None = None
    """[1 or B, L, D], of the text that says nothing."""
    raw: Tensor
    """[B, C, T, h, w]: the video that is to be repainted."""
    known: int = 0
    """So many of its first latent frames are painted already."""
    first: Extra | None = None
    """The painted first frame."""
    style: Extra | None = None
    """Style pictures, one frame each."""
    weights: tuple[float, ...] = ()
    """Of the style pictures, positive; none: all alike."""
    picture: Tensor | None = None
    """[B, N, D], tokens for the picture branch: of the first frame, then of the style pictures, as many of each."""
    control: Tensor | None = None
    """[B, K C, T, h, w], latents of control pictures of K kinds, see `impasto.diffusion.controls`."""

    @property
    def first_frames(self) -> int:
        return 0 if self.first is None else self.first.latents.shape[2]

    @property
    def style_frames(self) -> int:
        return 0 if self.style is None else self.style.latents.shape[2]


def without_text(given: Given) -> Given:
    """The same with the empty text in place of the text; zeros where there is none."""
    empty = torch.zeros_like(given.text) if given.empty_text is None else given.empty_text.expand_as(given.text)
    return replace(given, text=empty.to(given.text))


def without_look(given: Given) -> Given:
    """The same without first frame and style pictures: what is absent is not in the sequence."""
    return replace(given, first=None, style=None, weights=(), picture=None)


def permuted(given: Given, generator: torch.Generator) -> Given:
    """The same with the raw video in disorder in time, height and width, and no control: colours without the scene.

    Zeros in its place would oversaturate what guidance leads away from them (CS-CFG of PickStyle).
    """
    raw = given.raw
    for dim in (2, 3, 4):
        order = torch.randperm(raw.shape[dim], generator=generator)
        raw = raw.index_select(dim, order.to(raw.device))
    return replace(given, raw=raw, known=0, control=None)


def share_of(given: Given, share: slice) -> Given:
    """Of some clips of the batch."""

    def some(value: Tensor) -> Tensor:
        return value[share] if len(value) == len(given.raw) else value

    changed = {}
    for name, value in vars(given).items():
        if isinstance(value, Tensor):
            changed[name] = some(value)
        elif isinstance(value, Extra):
            changed[name] = Extra(some(value.latents), some(value.noise))
    return replace(given, **changed)


def image_of(given: Given) -> Tensor:
    """Mask and latents, [B, M + C, all frames, h, w], that the transformer takes after the noisy ones.

    The mask is 0 where the video is to be repainted, and 1 on all that is painted.
    """
    parts = [image_channels(given.raw, [place < given.known for place in range(given.raw.shape[2])])]
    if given.first is not None:
        parts.insert(0, image_channels(given.first.latents, [True] * given.first_frames))
    if given.style is not None:
        parts.append(image_channels(given.style.latents, [True] * given.style_frames))
    return torch.cat(parts, 2)
