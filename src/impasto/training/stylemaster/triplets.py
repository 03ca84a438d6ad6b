"""What the global projector strives for, and how far it got (StyleMaster, section 3.2 and supplement).

Legend: B triplets, N pictures, V numbers of a style vector.
"""

import torch
import torch.nn.functional as F
from torch import Tensor


def triplet_loss(anchor_BV: Tensor, positive_BV: Tensor, negative_BV: Tensor, margin: float, hinge: bool) -> Tensor:
    """Sum over the triplets of how much nearer the negative is than it should be.

    As printed: distances are not squared, and nothing is cut at 0, so that the margin moves no weight.

    Args:
        hinge: triplets that keep the margin cost nothing, as is customary.
    """
    gaps_B = (anchor_BV - positive_BV).norm(dim=1) - (anchor_BV - negative_BV).norm(dim=1) + margin
    return (gaps_B.clamp(min=0) if hinge else gaps_B).sum()


def pull_loss(anchor_BV: Tensor, positive_BV: Tensor) -> Tensor:
    """Mean squared difference inside the pairs (supplement)."""
    return F.mse_loss(anchor_BV, positive_BV)


def within_style_spread(vectors_NV: Tensor, styles_N: Tensor) -> float:
    """Variance of the cosines of different pictures of one style; 0 where no style has two pairs of them."""
    cosines = vectors_NV @ vectors_NV.T
    same = (styles_N[:, None] == styles_N).triu(1)
    return cosines[same].var(correction=0).item() if same.sum() > 1 else 0.0


def retrieval(vectors_NV: Tensor, styles_N: Tensor) -> float:
    """Share of the pictures whose nearest other picture is of their style."""
    cosines = (vectors_NV @ vectors_NV.T).fill_diagonal_(-torch.inf)
    return (styles_N[cosines.argmax(1)] == styles_N).float().mean().item()
