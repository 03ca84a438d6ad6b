"""Guidance by text and by style, each with a scale of its own (StyleMaster, section 4).

Legend: B clips, C channels, T latent frames, h w their size.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

from impasto.diffusion.conditions import Conditions, together
from impasto.diffusion.guidance import Predict, guidance_chain, guided


class Scales(NamedTuple):
    """The paper's, of its own base; the code that was released, on Wan, has 8 and 4."""

    text: float = 12.5
    style: float = 6.0


def decoupled(
    predict: Predict[Conditions], conditions: Conditions, scales: Scales, batched: bool = False
) -> Callable[[Tensor, Tensor], Tensor]:
    """The velocity `n + text (t - n) + style (ts - t)` as a function of latents [B, C, T, h, w] and their sigma.

    n is under nothing, t under the text, ts under text and style; a control is in all of them. What is absent costs no
    pass.

    Args:
        batched: all in one pass, for more memory.
    """
    given = {"text": scales.text} | ({} if conditions.style is None else {"style": scales.style})
    chain = guidance_chain(conditions, tuple(given))
    join = together if batched else None
    return lambda latents, sigma_B: guided(predict, latents, sigma_B, chain, tuple(given.values()), join)
