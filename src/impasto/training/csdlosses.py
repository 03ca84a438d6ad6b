"""What the heads of `csd-nano` strive for.

Legend: B pictures, D numbers.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

Level = tuple[Tensor, float]
"""A label for each picture [B] (negative: unknown), and how much it counts that pictures share it."""


def contrastive_targets(levels: Sequence[Level]) -> Tensor:
    """How much of its attention each picture should give to each other, [B, B]; a row sums to 1, or to 0 for a loner.

    A level spreads its share evenly over those that share the label. Labels that lie within each other, as picture,
    style, artist and movement do, so give weights that fall from one to the next.
    """
    count = len(levels[0][0])
    others = ~torch.eye(count, dtype=torch.bool)
    wanted = torch.zeros(count, count)
    for labels, share in levels:
        alike = ((labels[:, None] == labels) & (labels >= 0) & others).float()
        wanted += share * alike / alike.sum(1, keepdim=True).clamp(min=1)
    return wanted / wanted.sum(1, keepdim=True).clamp(min=1e-12)


def supervised_contrastive(vectors_BD: Tensor, levels: Sequence[Level], temperature: float = 0.1) -> Tensor:
    """Supervised contrastive loss of unit vectors with several levels of likeness, mean over those with a positive.

    Khosla 2020, eq. 2 (the sum outside of the logarithm), for one level. CSD (Somepalli 2024) has a label for each tag
    of a picture; here likeness has degrees.
    """
    wanted = contrastive_targets(levels)
    itself = torch.eye(len(vectors_BD), dtype=torch.bool)
    similarities = (vectors_BD @ vectors_BD.T / temperature).masked_fill(itself, -torch.inf)
    surprise = -(wanted * similarities.log_softmax(1).masked_fill(itself, 0)).sum(1)
    return surprise.sum() / (wanted.sum(1) > 0).sum().clamp(min=1)


class _Reversal(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, amount: float) -> Tensor:
        ctx.amount = amount
        return x.view_as(x)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return -ctx.amount * grads[0], None


def reverse_gradient(x: Tensor, amount: float) -> Tensor:
    """The same values; their gradient comes back times `-amount` (Ganin 2015, eq. 15 and 16)."""
    return _Reversal.apply(x, amount)  # pyright: ignore[reportReturnType]


def blindness(content_BD: Tensor, critic: torch.nn.Module, style_B: Tensor, amount: float) -> Tensor:
    """Cross-entropy of a critic that names the style by the content vectors, while these unlearn what it goes by.

    Where the style is unknown (negative) there is none.
    """
    # Vectors of length 1 have small numbers; a critic learns faster from those of size 1.
    seen = reverse_gradient(content_BD, amount) * content_BD.shape[1] ** 0.5
    return F.cross_entropy(critic(seen), style_B, ignore_index=-1)
