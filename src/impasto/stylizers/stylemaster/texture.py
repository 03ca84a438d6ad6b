"""Local texture: the patches of a style picture that its content does not explain (StyleMaster, section 3.3).

Legend: B pictures, P patches, K kept patches, N queries, E numbers of a vector of the joint space, F of what is told of
a patch, D width.
"""

from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from impasto.perception.text.encoder import Block, TextConfig

Choice = Literal["least", "most", "random", "all"]
"""Which patches are kept, by their likeness to the text; the paper keeps the least like, the others are ablations."""

KEPT = 15 / 256
"""Share of the patches that is kept: 15 of the paper's 256."""


def select(patches_BPE: Tensor, text_BE: Tensor, choice: Choice, generator: torch.Generator | None = None) -> Tensor:
    """Numbers of the patches that tell of texture, [B, K].

    Args:
        patches_BPE: in the space of the texts, of any length.
        text_BE: what the picture shows.
        choice: `least` drops what looks like the words, and with it the content.
        generator: of the choice `random`.
    """
    batch, count = patches_BPE.shape[:2]
    if choice == "all":
        return torch.arange(count, device=patches_BPE.device).expand(batch, -1)
    if choice == "random":
        score_BP = torch.rand(batch, count, generator=generator).to(patches_BPE.device)
    else:
        score_BP = F.cosine_similarity(patches_BPE, text_BE[:, None], dim=-1)
    return score_BP.topk(max(1, round(KEPT * count)), largest=choice == "most").indices


@dataclass(frozen=True)
class QFormerConfig:
    embedding: int = 256
    """What is told of a patch (F); of `clip-nano` it is the vector in the joint space."""
    queries: int = 2
    """(N); the paper does not say how many, the released code has two."""
    width: int = 256
    depth: int = 3
    heads: int = 8


class QFormer(nn.Module):
    """Learned queries and patches attend to each other; what becomes of the queries is kept.

    Patches have no places: where a texture is does not matter.
    """

    def __init__(self, config: QFormerConfig) -> None:
        super().__init__()
        self.config = config
        layout = TextConfig(width=config.width, heads=config.heads, hidden=4 * config.width)
        self.queries = nn.Parameter(torch.randn(config.queries, config.width) * 0.02)
        self.enter = nn.Linear(config.embedding, config.width)
        self.enter_norm = nn.LayerNorm(config.width)
        self.blocks = nn.ModuleList(Block(layout) for _ in range(config.depth))
        self.norm = nn.LayerNorm(config.width)

    def forward(self, patches_BKF: Tensor) -> Tensor:
        """[B, N, D]"""
        seen_BKD = self.enter_norm(self.enter(patches_BKF))
        x_BLD = torch.cat([self.queries.expand(len(seen_BKD), -1, -1), seen_BKD], 1)
        everywhere = torch.ones(1, 1, 1, x_BLD.shape[1], dtype=torch.bool, device=x_BLD.device)
        for block in self.blocks:
            x_BLD = block(x_BLD, everywhere)
        return self.norm(x_BLD[:, : len(self.queries)])
