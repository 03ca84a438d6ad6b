"""Style as tokens: what attention is given of a style picture (StyleMaster, section 3.3).

Legend: B pictures, P patches, E numbers of a vector of the joint space, F of what is told of a
patch, N + G style tokens, D width of a token.
"""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from impasto.errors import UnsupportedOption
from impasto.stylizers.stylemaster.projector import GlobalTokens, ProjectorConfig, StyleProjector
from impasto.stylizers.stylemaster.texture import Choice, QFormer, QFormerConfig, select

Source = Literal["projector", "embedding"]
"""Of the global tokens; the picture's own embedding is an ablation, which lets content through."""


@dataclass(frozen=True)
class TokenConfig:
    width: int = 256
    """Numbers of a style token (D)."""
    source: Source | None = "projector"
    """None: no global tokens."""
    choice: Choice | None = "least"
    """None: no texture tokens."""
    count: int = 14
    """Global tokens (G); the paper does not say how many, the released code has 14."""
    span_bias: bool = False
    """Of the keys and values of these tokens; the authors' have one."""
    projector: ProjectorConfig = field(default_factory=ProjectorConfig)
    texture: QFormerConfig = field(default_factory=QFormerConfig)


class StyleFeatures(NamedTuple):
    """What is seen in style pictures, and said of them."""

    embedding: Tensor
    """[B, E] of whole pictures."""
    patches: Tensor
    """[B, P, E]"""
    text: Tensor
    """[B, E]: what the pictures show."""
    texture: Tensor | None = None
    """[B, P, F]: what is told of the patches that are kept; None: their vectors."""

    def to(self, device: torch.device) -> "StyleFeatures":
        texture = None if self.texture is None else self.texture.to(device)
        return StyleFeatures(self.embedding.to(device), self.patches.to(device), self.text.to(device), texture)


class StyleTokens(nn.Module):
    """Texture tokens and global tokens, one after the other.

    Raises:
        UnsupportedOption: there would be neither.
    """

    def __init__(self, config: TokenConfig) -> None:
        super().__init__()
        if not (config.source or config.choice):
            raise UnsupportedOption("Style tokens need the global source, the texture patches, or both; got neither.")
        self.config = config
        if config.source == "projector":
            # Taught before all else, by triplets, and not taught again.
            self.projector = StyleProjector(config.projector).requires_grad_(False)
        if config.source:
            size = config.projector.size if config.source == "projector" else config.projector.embedding
            self.global_tokens = GlobalTokens(size, config.count, config.width)
        if config.choice:
            self.texture = QFormer(config.texture)
            self.leave = nn.Linear(config.texture.width, config.width)

    def forward(self, seen: StyleFeatures, generator: torch.Generator | None = None) -> Tensor:
        """F_style, [B, N + G, D]; `generator` is for the random choice of patches."""
        parts = []
        if self.config.choice:
            kept_BK = select(seen.patches, seen.text, self.config.choice, generator)
            told_BPF = seen.patches if seen.texture is None else seen.texture
            parts.append(self.leave(self.texture(told_BPF.take_along_dim(kept_BK[..., None], 1))))
        if self.config.source:
            parts.append(self.global_tokens(self.style_vector(seen.embedding)))
        return torch.cat(parts, 1)

    def style_vector(self, embedding_BE: Tensor) -> Tensor:
        """Unit vectors [B, V] that global tokens are made of; there must be some."""
        if self.config.source == "projector":
            return self.projector(embedding_BE)
        return nn.functional.normalize(embedding_BE, dim=1)
