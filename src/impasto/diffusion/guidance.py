"""Classifier-free guidance along a chain of conditions (Ho 2022; StyleMaster's decoupled text and style guidance).

Legend: B clips, K links of the chain that are needed.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import torch
from torch import Tensor

from impasto.diffusion.conditions import Conditions, without

Link = TypeVar("Link")
"""What is predicted under: the conditions of a method."""
Under = TypeVar("Under", contravariant=True)


class Predict(Protocol[Under]):
    """Velocities of noisy latents under conditions; `branch` names the link, for what remembers earlier steps."""

    def __call__(self, latents: Tensor, sigma_B: Tensor, conditions: Under, branch: str, /) -> Tensor: ...


def guidance_chain(conditions: Conditions, names: Sequence[str]) -> list[Conditions]:
    """From none of the named conditions to all of them, one more at each link; all others are in every link.

    `("text", "style")` gives StyleMaster's chain: none, text, text and style.
    """
    return [without(conditions, *names[count:]) for count in range(len(names) + 1)]


def guided(
    predict: Predict[Link],
    latents: Tensor,
    sigma_B: Tensor,
    chain: Sequence[Link],
    scales: Sequence[float],
    join: Callable[[Sequence[Link]], Link] | None = None,
) -> Tensor:
    """`e0 + sum_i s_i (e_i - e_{i-1})`, float32, where `e_i` is what is predicted under the link `i`.

    Links that cancel out are not computed: with 1 everywhere only the last is.

    Args:
        sigma_B: [B] or [1].
        chain: one link more than there are scales.
        join: makes one batch of several links, such as `impasto.diffusion.conditions.together`: then all are computed
            in one pass, for more memory; the same result to rounding.
    """
    weights = [upper - lower for upper, lower in zip((1.0, *scales), (*scales, 0.0), strict=True)]
    needed = [(str(i), link, w) for i, (link, w) in enumerate(zip(chain, weights, strict=True)) if w]
    branches, links, weights = zip(*needed, strict=True)
    if join and len(links) > 1:
        sigma_KB = sigma_B.expand(len(latents)).repeat(len(links))
        repeated = torch.cat([latents] * len(links))
        predictions = predict(repeated, sigma_KB, join(links), "all").chunk(len(links))
    else:
        predictions = [predict(latents, sigma_B, link, name) for name, link in zip(branches, links, strict=True)]
    return torch.stack([w * e.float() for w, e in zip(weights, predictions, strict=True)]).sum(0)
