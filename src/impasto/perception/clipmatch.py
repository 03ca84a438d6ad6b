"""Whether a clip matches a text, as one number: the matching head of `clip-nano`, like the one of UMT (Li 2023).

Legend: B clips, T frames, P patches, N = T P, R rows and M columns of the grid, L tokens of a text, D width, S numbers
by which a patch is seen, E numbers of its vector.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from impasto.perception.text.encoder import Block, TextConfig

FRAMES = 8
"""Of a clip, evenly spread over it."""
LATER = 2
"""Frames on from each, with which it is compared: from one to the next, slow things move by less than a patch."""
REACH = 2
"""Patches, in each direction, among which a patch is searched in the later frame."""
PLACE = 16
"""Numbers that tell where a patch is."""
DRAWN = 10.0
"""By how much, at first, a patch of a word's own direction draws its gaze."""


@dataclass(frozen=True)
class MatchConfig:
    width: int = 128
    depth: int = 2
    heads: int = 4
    hidden: int = 256
    compared: int = 32
    """Numbers by which a patch is found again."""


def places(rows: int, columns: int) -> Tensor:
    """Position codes of a grid's patches, row by row, [P, 16]: waves over the picture, however fine the grid."""
    y, x = ((torch.arange(count) + 0.5) / count for count in (rows, columns))
    at_P2 = torch.cartesian_prod(y, x)
    angles = (at_P2[..., None] * torch.pi * 2 ** torch.arange(PLACE // 4)).flatten(1)
    return torch.cat([angles.sin(), angles.cos()], 1)


def correlation(features_BTDRM: Tensor) -> Tensor:
    """Likeness of each patch to those around its place `LATER` frames on, [B, T, R, M, 25]; 0 outside, and at the end.

    The correlation layer of FlowNet (Dosovitskiy 2015, eq. 1), of single patches and by cosine.
    """
    frames, (rows, columns) = features_BTDRM.shape[1], features_BTDRM.shape[3:]
    features = F.normalize(features_BTDRM, dim=2)
    now, later = features[:, : frames - LATER], F.pad(features[:, LATER:], [REACH] * 4)
    shifted = [
        (now * later[..., y : y + rows, x : x + columns]).sum(2)
        for y in range(2 * REACH + 1)
        for x in range(2 * REACH + 1)
    ]
    return F.pad(torch.stack(shifted, -1), [0] * 7 + [LATER])


class Gaze(nn.Module):
    """Words look at patches: cross-attention, normalised before, drawn to the patches that are like the word.

    What a word sees is multiplied by what it expects: whether the two agree is no sum of both and else learned late.
    """

    def __init__(self, config: MatchConfig) -> None:
        super().__init__()
        self.heads = config.heads
        self.norm = nn.LayerNorm(config.width)
        self.query = nn.Linear(config.width, config.width)
        self.key_value = nn.Linear(config.width, 2 * config.width)
        self.expected = nn.Linear(config.width, config.width)
        self.gazed = nn.Linear(config.width, config.width)
        # At first every other head looks where the word is shown, the others everywhere.
        self.drawn = nn.Parameter(DRAWN * (torch.arange(config.heads) % 2).float())

    def forward(self, x_BLD: Tensor, seen_BND: Tensor, likeness_BLN: Tensor) -> Tensor:
        word_BLD = self.norm(x_BLD)
        parts = (self.query(word_BLD), *self.key_value(seen_BND).chunk(2, -1))
        query, key, value = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in parts)
        drawn_BHLN = (self.drawn.view(-1, 1, 1) * likeness_BLN[:, None]).to(query)
        mixed_BHLD = F.scaled_dot_product_attention(query, key, value, attn_mask=drawn_BHLN)
        return x_BLD + self.gazed(mixed_BHLD.transpose(1, 2).flatten(2) * self.expected(word_BLD))


class MatchHead(nn.Module):
    """Words look for what they mean in all frames, then agree on a logit.

    Args:
        sight: numbers by which a patch is seen (S).
        size: numbers of a patch's vector (E).
        words: width of the features of a token.
    """

    def __init__(self, config: MatchConfig, sight: int, size: int, words: int) -> None:
        super().__init__()
        self.compared = nn.Linear(sight, config.compared)
        self.seen = nn.Linear(sight + size + (2 * REACH + 1) ** 2 + PLACE, config.width)
        self.time = nn.Parameter(0.02 * torch.randn(FRAMES, config.width))
        self.seen_norm = nn.LayerNorm(config.width)
        self.words = nn.Linear(words + 2, config.width)
        self.gazes = nn.ModuleList(Gaze(config) for _ in range(config.depth))
        layout = TextConfig(width=config.width, heads=config.heads, hidden=config.hidden)
        self.blocks = nn.ModuleList(Block(layout) for _ in range(config.depth))
        self.norm = nn.LayerNorm(config.width)
        self.logit = nn.Linear(config.width, 1)

    def watch(self, tokens_BTPS: Tensor, patches_BTPE: Tensor, grid: tuple[int, int]) -> Tensor:
        """What there is to look at in clips of 8 frames, [B, N, D], of how their patches are seen and their vectors."""
        compared = self.compared(tokens_BTPS).unflatten(2, grid).movedim(-1, 2)
        moved_BTPC = correlation(compared).flatten(2, 3)
        at_BTPC = places(*grid).to(tokens_BTPS).expand(*tokens_BTPS.shape[:3], PLACE)
        # Vectors of length 1 have small numbers; these are of size 1, as the others are.
        vectors = F.normalize(patches_BTPE, dim=-1) * patches_BTPE.shape[-1] ** 0.5
        seen_BTPD = self.seen(torch.cat([tokens_BTPS, vectors, moved_BTPC, at_BTPC], -1))
        return self.seen_norm((seen_BTPD + self.time[:, None]).flatten(1, 2))

    def judge(self, seen_BND: Tensor, likeness_BLN: Tensor, words_BLD: Tensor, padding_BL: Tensor) -> Tensor:
        """The raw logit of "match" of each clip with a text, [B].

        Args:
            seen_BND: what `watch` gives.
            likeness_BLN: cosines of the text's tokens with the patches, in the space of `clip-nano`.
            words_BLD: features of the tokens.
            padding_BL: true where there is no token.
        """
        shown_BL2 = torch.stack([likeness_BLN.amax(-1), likeness_BLN.mean(-1)], -1)
        x_BLD, kept_BL = self.words(torch.cat([words_BLD, shown_BL2], -1)), ~padding_BL
        for gaze, block in zip(self.gazes, self.blocks, strict=True):
            x_BLD = block(gaze(x_BLD, seen_BND, likeness_BLN), kept_BL[:, None, None])
        kept_BL1 = kept_BL[..., None].float()
        mean_BD = (self.norm(x_BLD).float() * kept_BL1).sum(1) / kept_BL1.sum(1)
        return self.logit(mean_BD)[:, 0]
