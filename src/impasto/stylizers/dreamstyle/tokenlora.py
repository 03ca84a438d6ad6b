"""A LoRA that knows three kinds of tokens: of the video, of style pictures, and of a painted first frame.

What is read is shared, what is written is each kind's own: `W_up^kind W_down x` (DreamStyle, after HydraLoRA of Tian
2024). Each kind is one span of the sequence, so that three slices do and nothing is gathered.

Legend: B clips, L tokens, D channels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from impasto.diffusion.attachments import Wrap, wrap
from impasto.diffusion.lora import Lora, LoraLayer

Kind = Literal["video", "style", "first frame"]
KINDS: tuple[Kind, ...] = ("video", "style", "first frame")
"""In the order of their up matrices; the sequence has the first frame at its start and the style at its end."""
TARGETS = ("attn1.to_q", "attn1.to_k", "attn1.to_v", "attn1.to_out.0", "ffn.net.0.proj", "ffn.net.2")
"""The linear layers of self-attention and feed-forward; what the paper does with cross-attention is not known."""


@dataclass
class Spans:
    """How many tokens of the next pass, and of the backward pass after it, are not of the video."""

    first: int = 0
    style: int = 0

    def kinds(self, length: int) -> Iterator[tuple[int, slice]]:
        """The kind, by its number, and the place of each span in a sequence, in order; empty ones are left out."""
        stops = (self.first, length - self.style, length)
        start = 0
        for kind, stop in zip((2, 0, 1), stops, strict=True):
            if stop > start:
                yield kind, slice(start, stop)
            start = stop


class TokenMatrices(nn.Module):
    """All down matrices one below the other, and all up matrices likewise: one for all kinds, or one for each.

    What is added begins at zero. Its scale is 1, as with an alpha of the rank; the paper names none.
    """

    def __init__(self, base: nn.Linear, rank: int, downs: int, ups: int) -> None:
        super().__init__()
        self.downs, self.ups = downs, ups
        self.down = nn.Parameter(torch.empty(downs * rank, base.in_features))
        self.up = nn.Parameter(torch.zeros(ups * base.out_features, rank))
        nn.init.kaiming_uniform_(self.down, a=sqrt(5))  # as peft begins

    def of(self, kind: int) -> tuple[Tensor, Tensor]:
        """[rank, inputs] and [outputs, rank] of one kind of tokens."""
        return self.down.chunk(self.downs)[kind % self.downs], self.up.chunk(self.ups)[kind % self.ups]


class TokenLora(Wrap):
    """A linear layer with what is added for each kind of tokens."""

    def __init__(self, base: nn.Linear, spans: Spans, rank: int, downs: int, ups: int) -> None:
        super().__init__(base)
        self.lora = TokenMatrices(base, rank, downs, ups).to(base.weight.device)
        self._spans = spans

    def forward(self, x_BLD: Tensor) -> Tensor:
        out_BLD = self.base(x_BLD)
        lora = self.lora
        read_BLD = x_BLD.to(lora.down.dtype)
        if lora.downs == 1:
            low = F.linear(read_BLD, lora.down)
            spans = self._spans.kinds(x_BLD.shape[1]) if lora.ups > 1 else [(0, slice(None))]
            added = [F.linear(low[:, place], lora.of(kind)[1]) for kind, place in spans]
        else:
            added = []
            for kind, place in self._spans.kinds(x_BLD.shape[1]):
                down, up = lora.of(kind)
                added.append(F.linear(F.linear(read_BLD[:, place], down), up))
        return out_BLD + torch.cat(added, 1).type_as(out_BLD)


def attach(transformer: nn.Module, spans: Spans, rank: int, downs: int, ups: int) -> dict[str, TokenLora]:
    """Put a LoRA around every layer of `TARGETS`; returns them by place."""
    return wrap(transformer, TARGETS, lambda base: TokenLora(base, spans, rank, downs, ups))


def lora_of_kind(wraps: dict[str, TokenLora], kind: Kind, base: str) -> Lora:
    """What is learned for one kind of tokens, as the plain LoRA that other tools know.

    Where all tokens are of the video, as when a clip is repainted by a text, it is all that there is.

    Args:
        base: the name of the base.
    """
    layers = {}
    for place, each in wraps.items():
        down, up = each.lora.of(KINDS.index(kind))
        layers[place] = LoraLayer(down.detach().clone(), up.detach().clone(), len(down))
    return Lora(layers, base)


@torch.no_grad()
def merged(wraps: dict[str, TokenLora], kind: Kind) -> dict[str, Tensor]:
    """Weights of the linear layers with what is learned for one kind of tokens added to them, by `PLACE.weight`."""
    result = {}
    for place, each in wraps.items():
        down, up = each.lora.of(KINDS.index(kind))
        weight = each.base.weight
        result[f"{place}.weight"] = (weight.float() + up.float() @ down.float()).to(weight)
    return result


def parameter_count(layers: int, dim: int, ffn_dim: int, rank: int, downs: int = 1, ups: int = 3) -> int:
    """Numbers of the matrices in a transformer of that size."""
    sizes = [(dim, dim)] * 4 + [(dim, ffn_dim), (ffn_dim, dim)]
    return layers * rank * sum(downs * inputs + ups * outputs for inputs, outputs in sizes)
