"""What is to be painted at a step of the training, and by what.

Legend: B clips, C latent channels, T latent frames, E extra frames, h w their size, L text tokens, N picture tokens, D
channels of tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from impasto.diffusion.conditions import padded
from impasto.stylizers.dreamstyle.given import Extra, Given, permuted, without_look
from impasto.training.dreamstyle.pairs import Sample

Task = Literal["text", "style", "first frame"]
TASKS: tuple[Task, ...] = ("text", "style", "first frame")
SHARES = (0.25, 0.5, 0.25)
"""How often each is drawn: 1 to 2 to 1."""


@dataclass(frozen=True, kw_only=True)
class Rates:
    """How often something of the conditions is missing or other, 0..1; the paper names no rates."""

    text: float = 0.1
    """The text, for each clip by itself."""
    look: float = 0.1
    """First frame or style picture, for a whole batch, whose sequences must be of one length."""
    follow: float = 0.2
    """The first frames are painted already, as where a clip goes on from another (EchoStyle)."""
    context: float = 0.0
    """The raw video is in disorder; what guidance by context wants."""


class Batch(NamedTuple):
    latents: Tensor
    """[B, C, T, h, w]: the painted clips."""
    given: Given


@dataclass(frozen=True)
class Lesson:
    """Makes batches of pairs of one size."""

    empty_text: Tensor
    """[L, D], with the zeros after it that the base is used to."""
    pictures: bool
    """Whether looks go through the picture branch as well."""
    rates: Rates
    followed: int
    """Latent frames that are painted already where a clip goes on from another."""

    def __call__(self, task: Task, chosen: Sequence[Sample], rng: np.random.Generator) -> Batch:
        """Everything is drawn from `rng`; all of it is needed of a batch, whatever share of it is computed."""
        painted, raw = (torch.stack([one.read(what) for one in chosen]) for what in ("stylized", "raw"))
        texts = [one.read("text styled" if task == "text" else "text plain") for one in chosen]
        texts = [self.empty_text if rng.random() < self.rates.text else text for text in texts]
        # Never shorter than the base's own: Wan attends to the zeros after a text as well.
        length = max(map(len, (*texts, self.empty_text)))
        given = Given(text=padded(texts, length), raw=raw)
        if task != "text":
            given = _looking(given, task, chosen, painted, rng, self.pictures)
        drops, follows, mixes = rng.random(3)
        if drops < self.rates.look:
            given = without_look(given)
        if follows < self.rates.follow and painted.shape[2] > self.followed:
            known = self.followed
            given = replace(given, raw=torch.cat([painted[:, :, :known], raw[:, :, known:]], 2), known=known)
        if mixes < self.rates.context:
            given = permuted(given, torch.Generator().manual_seed(int(rng.integers(2**31))))
        return Batch(painted, given)


def alike(found: Sequence[Sample], rng: np.random.Generator, count: int) -> list[Sample]:
    """Random pairs of one length and size."""
    shape = found[int(rng.integers(len(found)))].shape
    fitting = [one for one in found if one.shape == shape]
    return [fitting[int(number)] for number in rng.integers(len(fitting), size=count)]


def _looking(
    given: Given, task: Task, chosen: Sequence[Sample], painted: Tensor, rng: np.random.Generator, pictures: bool
) -> Given:
    """By the painted first frame as well, or by one of the style pictures of each pair."""
    if task == "first frame":
        # The first latent frame of a clip is that of its first frame alone.
        latents, tokens = painted[:, :, :1], ["tokens first"] * len(chosen)
    else:
        numbers = [int(rng.integers(one.styles)) for one in chosen]
        latents = torch.stack([one.read(f"style {number}") for one, number in zip(chosen, numbers, strict=True)])
        tokens = [f"tokens {number}" for number in numbers]
    noise = torch.randn(latents.shape, generator=torch.Generator().manual_seed(int(rng.integers(2**31))))
    extra = Extra(latents, noise)
    given = replace(given, first=extra) if task == "first frame" else replace(given, style=extra)
    if pictures:
        shown = torch.stack([one.read(what) for one, what in zip(chosen, tokens, strict=True)])
        given = replace(given, picture=shown)
    return given
