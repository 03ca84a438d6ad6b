"""Guidance by the raw video, by text and by look, each with a scale of its own.

Legend: B clips, C channels, T latent frames, h w their size.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from impasto.diffusion.guidance import Predict, guided
from impasto.stylizers.dreamstyle.given import Given, permuted, without_look, without_text


class Scales(NamedTuple):
    """1 leaves a step out and costs nothing; the paper names none."""

    text: float = 5.0
    look: float = 2.0
    """Of first frame and style pictures together."""
    context: float = 1.0
    """Away from a raw video in disorder; PickStyle's 4 is 5 here, where scales are steps of a chain."""


def steered(
    predict: Predict[Given], given: Given, scales: Scales, generator: torch.Generator
) -> Callable[[Tensor, Tensor], Tensor]:
    """The velocity as a function of latents [B, C, T, h, w] and their sigma.

    `p + context (n - p) + text (t - n) + look (l - t)`: p under nothing but a raw video in disorder, n under the raw
    video, t under text as well, l under all. Without a look, t is all.

    Args:
        generator: of the disorder, which is the same at every step.
    """
    text = without_look(given)
    nothing = without_text(text)
    chain, scale = [permuted(nothing, generator), nothing, text], (scales.context, scales.text)
    if given.first is not None or given.style is not None:
        chain, scale = [*chain, given], (*scale, scales.look)
    return lambda latents, sigma_B: guided(predict, latents, sigma_B, chain, scale)
