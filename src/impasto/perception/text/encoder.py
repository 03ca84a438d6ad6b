"""The embedded text encoder: features of sub-words, and sentences as vectors in the space of MiniLM.

Distilled from all-MiniLM-L6-v2 (Wang 2020, "MiniLM"; Reimers and Gurevych 2019, "Sentence-BERT"), English only.

Legend: B texts, L tokens, D channels, H heads.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from impasto.perception.text.tokenizer import LONGEST, SPECIAL, Tokens, new_tokenizer, tokenize

AT_ONCE = 256
"""Texts that are embedded together: what bounds the memory."""


@dataclass(frozen=True)
class TextConfig:
    width: int = 256
    depth: int = 3
    heads: int = 4
    hidden: int = 1024
    sentence: int = 384
    """Length of a sentence vector: that of the teacher's."""


class Block(nn.Module):
    """A transformer layer, normalised before each part; changes nothing until it has learnt."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.attention_norm, self.mlp_norm = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.query_key_value = nn.Linear(config.width, 3 * config.width)
        self.attended = nn.Linear(config.width, config.width)
        self.up, self.down = nn.Linear(config.width, config.hidden), nn.Linear(config.hidden, config.width)
        for last in (self.attended, self.down):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, x_BLD: Tensor, seen_B11L: Tensor) -> Tensor:
        parts = self.query_key_value(self.attention_norm(x_BLD)).chunk(3, -1)
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        mixed_BHLD = F.scaled_dot_product_attention(query, key, value, attn_mask=seen_B11L)
        x_BLD = x_BLD + self.attended(mixed_BHLD.transpose(1, 2).flatten(2))
        return x_BLD + self.down(F.gelu(self.up(self.mlp_norm(x_BLD))))


class TextEncoder(nn.Module):
    """Sub-words, a few transformer layers, and a linear map to the teacher's space.

    Args:
        pieces: the vocabulary, as `learn_pieces` gives it.
    """

    def __init__(self, pieces: Sequence[str], config: TextConfig | None = None) -> None:
        super().__init__()
        self.config = config or TextConfig()
        self.pieces = tuple(pieces)
        self.tokenizer = new_tokenizer(self.pieces)
        width = self.config.width
        self.embedding = nn.Embedding(len(self.pieces), width)
        self.position = nn.Parameter(0.02 * torch.randn(LONGEST, width))
        self.blocks = nn.ModuleList(Block(self.config) for _ in range(self.config.depth))
        self.norm = nn.LayerNorm(width)
        self.to_teacher = nn.Linear(width, self.config.sentence)

    def forward(self, tokens: Tokens) -> Tensor:
        """Features [B, L, D] of tokens; those in the padding mean nothing."""
        x_BLD = self.embedding(tokens.ids) + self.position[: tokens.ids.shape[1]]
        seen_B11L = ~tokens.padding[:, None, None]
        for block in self.blocks:
            x_BLD = block(x_BLD, seen_B11L)
        return self.norm(x_BLD)

    def sentences(self, features_BLD: Tensor, padding_BL: Tensor) -> Tensor:
        """Unit vectors [B, 384]: the mean over a text's tokens in the teacher's space, as the teacher takes it."""
        kept_BL1 = (~padding_BL[..., None]).float()
        mean_BD = (features_BLD.float() * kept_BL1).sum(1) / kept_BL1.sum(1)
        return F.normalize(self.to_teacher(mean_BD), dim=-1)

    def tokens(self, texts: Sequence[str]) -> Tokens:
        """Tokens of texts; warns where one is cut."""
        tokens = tokenize(self.tokenizer, texts)
        if tokens.cut:
            first = texts[tokens.cut[0]]
            warnings.warn(
                f"{len(tokens.cut)} of {len(texts)} texts are longer than {LONGEST} tokens and lost their end, the "
                f"first begins {first[:40]!r}; shorten them.",
                stacklevel=3,
            )
        return tokens

    def knows(self, text: str) -> bool:
        """Whether any word or sign of a text is in the vocabulary."""
        return bool((tokenize(self.tokenizer, [text]).ids >= len(SPECIAL)).any())

    def fitting(self, text: str) -> str:
        """The beginning of a text that is read: all of it, unless it is longer than `LONGEST` tokens."""
        encoding = self.tokenizer.encode(text)
        return text[: encoding.offsets[-2][1]] if encoding.overflowing else text

    @torch.no_grad()
    def features(self, texts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Features [B, L, 256] of the tokens of at least one text, and where there is only padding [B, L].

        L is the number of tokens of the longest text, at most 64; the empty text has two.
        """
        tokens = self.tokens(texts)
        return self(tokens), tokens.padding

    @torch.no_grad()
    def embed(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors [B, 384] of texts: their dot product is how alike their meaning is. The empty text has one."""
        parts = [torch.zeros(0, self.config.sentence)]
        for start in range(0, len(texts), AT_ONCE):
            tokens = self.tokens(texts[start : start + AT_ONCE])
            parts.append(self.sentences(self(tokens), tokens.padding))
        return torch.cat(parts)
