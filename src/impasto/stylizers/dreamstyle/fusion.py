"""Several style pictures at once: how much each counts.

The paper does not say how they are weighed. Here a picture's tokens are attended to as if they were there several
times: the logarithm of the weight is added to the attention's scores. Equal weights are the plain pass, bit for bit,
and a picture whose weight goes to zero is as if it were not there.

Legend: L tokens.
"""

from collections.abc import Sequence
from math import log
from typing import Any

import torch
from diffusers.models.transformers.transformer_wan import WanAttention, WanAttnProcessor, WanTransformer3DModel
from torch import Tensor


def bias_of(weights: Sequence[float], before: int, each: int) -> Tensor | None:
    """What is added to the scores of the tokens, [1, 1, 1, L]; None where that is nothing.

    Args:
        weights: of the pictures; only their ratios count.
        before: tokens before those of the first picture, which count as always.
        each: tokens of each picture.
    """
    if len(set(weights)) < 2:
        return None
    mean = sum(weights) / len(weights)
    scores = torch.tensor([log(weight / mean) for weight in weights]).repeat_interleave(each)
    return torch.cat([torch.zeros(before), scores]).view(1, 1, 1, -1)


class WeighedAttention(WanAttnProcessor):
    """The library's self-attention, with a bias that is set before a pass."""

    def __init__(self) -> None:
        super().__init__()
        self.bias: Tensor | None = None

    def __call__(
        self,
        attn: WanAttention,
        hidden_states: Tensor,
        encoder_hidden_states: Tensor | None = None,
        attention_mask: Tensor | None = None,
        rotary_emb: Any = None,
    ) -> Tensor:
        bias = None if self.bias is None else self.bias.to(hidden_states)
        return super().__call__(attn, hidden_states, encoder_hidden_states, bias, rotary_emb)


def attach(transformer: WanTransformer3DModel) -> WeighedAttention:
    """Put one processor into every self-attention; returns it."""
    processor = WeighedAttention()
    for block in transformer.blocks:
        block.attn1.set_processor(processor)  # pyright: ignore[reportAttributeAccessIssue, reportCallIssue]
    return processor


def detach(transformer: WanTransformer3DModel) -> None:
    """Put the library's own processors back."""
    for block in transformer.blocks:
        block.attn1.set_processor(WanAttnProcessor())  # pyright: ignore[reportAttributeAccessIssue, reportCallIssue]
