"""`clip-nano`: pictures, their patches and texts as vectors of one space, on the embedded encoder and text encoder.

After CLIP (Radford 2021). How a patch is seen is fixed, so that training looks at each picture once
(impasto.training.clip); the text encoder is frozen as well.

Legend: B pictures or texts, T frames, P patches, L tokens, S numbers by which a patch is seen, D width, E numbers of a
vector, C channels, H height, W width.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn.functional as F
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor, nn

from impasto.errors import ModelError
from impasto.perception.clipmatch import PLACE, MatchConfig, MatchHead, places
from impasto.perception.csdnano import Whitening
from impasto.perception.encoder import VGG_CHANNELS, embedded_encoder
from impasto.perception.text.encoder import AT_ONCE, Block, TextConfig
from impasto.perception.text.weights import embedded_text_encoder
from impasto.video.files import writing, written_atomically
from impasto.weights.paths import weights_file
from impasto.weights.rows import from_bytes, to_bytes

WEIGHTS = "clip-nano.safetensors"
FORMAT = "impasto clip-nano 1"
"""The only key of the metadata, so that the same weights give the same file."""
PATCH = 16
"""Pixels of its side."""
PATCHES = 144
"""Of a picture, about: 192x192 or 256x144 pixels, as many as the nano diffusion models work at."""
LAYERS = slice(2, 5)
"""relu3_1, relu4_1 and relu5_1."""
CELLS = 2
"""Of a patch, across and down, whose mean colours are seen: the encoder's deeper layers hardly know colour."""
DROPOUT = 0.2
"""Of what is seen, while it is taught: some hundred paintings would be learned by heart."""


@dataclass(frozen=True)
class ClipConfig:
    kept: int = 80
    """Principal components of each layer."""
    width: int = 192
    depth: int = 3
    heads: int = 6
    hidden: int = 576
    text_hidden: int = 384
    size: int = 256
    """Numbers of each vector (E)."""
    text: TextConfig = field(default_factory=TextConfig)
    """Of the text encoder that it reads with."""
    match: MatchConfig = field(default_factory=MatchConfig)

    @property
    def sight(self) -> int:
        """Numbers by which a patch is seen (S)."""
        return 3 * CELLS**2 + self.kept * len(VGG_CHANNELS[LAYERS])


class Sight(NamedTuple):
    """What is seen in pictures before anything is learned."""

    tokens: Tensor
    """[B, P, S], row by row."""
    grid: tuple[int, int]
    """Rows and columns; P is their product."""


class PictureVectors(NamedTuple):
    pooled: Tensor
    """Unit vectors [B, E] of whole pictures."""
    patches: Tensor
    """[B, P, E], row by row. Their mean, brought to length 1, is `pooled`: a long one counts more. Cosines compare."""
    grid: tuple[int, int]
    """Rows and columns of the patches."""
    hidden: Tensor | None = None
    """[B, P, W] of the patches, as a network sees them before the space of the texts, where it tells that."""


class Words(NamedTuple):
    """Texts as the text encoder knows them."""

    features: Tensor
    """[B, L, D] of tokens."""
    padding: Tensor
    """[B, L], true where there is no token."""
    meanings: Tensor
    """[B, L, 384]: what the tokens add to the sentence."""
    sentences: Tensor
    """[B, 384], unit vectors."""


class TextHead(nn.Module):
    """The sentence, and what its tokens add to it, in the space of the pictures."""

    def __init__(self, config: ClipConfig) -> None:
        super().__init__()
        self.sentence = nn.Linear(config.text.sentence, config.size)
        self.words = nn.Linear(config.text.width, config.width)
        self.block = Block(TextConfig(width=config.width, heads=config.heads, hidden=config.text_hidden))
        self.norm = nn.LayerNorm(config.width)
        self.weight = nn.Linear(config.width, 1)
        self.added = nn.Linear(config.width, config.size)
        # Begins as a view of the space of sentences, which knows words that no training here has.
        nn.init.orthogonal_(self.sentence.weight)
        for zero in (self.sentence.bias, self.added.weight, self.added.bias):
            nn.init.zeros_(zero)

    def forward(self, words: Words) -> Tensor:
        """Unit vectors [B, E]."""
        x_BLD = self.norm(self.block(self.words(words.features), ~words.padding[:, None, None]))
        weights_BL1 = self.weight(x_BLD).float().masked_fill(words.padding[..., None], -torch.inf).softmax(1)
        added_BE = self.added((weights_BL1 * x_BLD.float()).sum(1))
        # A sentence vector's numbers are small, as its length is 1; the tokens' are of size 1.
        return F.normalize((self.sentence(words.sentences * words.sentences.shape[1] ** 0.5) + added_BE).float(), dim=1)

    def tokens(self, words: Words) -> Tensor:
        """Unit vectors [B, L, E] of the tokens by themselves, on the way that sentences take."""
        # A sentence is the mean of what its tokens mean, so one map leads both to the pictures.
        meanings = F.normalize(words.meanings, dim=-1) * words.meanings.shape[-1] ** 0.5
        return F.normalize(self.sentence(meanings).float(), dim=-1)


class ClipNano(nn.Module):
    """`see` and `read` are fixed once the components are fitted; all else is what training teaches."""

    def __init__(self, config: ClipConfig | None = None) -> None:
        super().__init__()
        self.config = c = config or ClipConfig()
        self.whitenings = nn.ModuleList(Whitening(channels, c.kept) for channels in VGG_CHANNELS[LAYERS])
        self.dropout = nn.Dropout(DROPOUT)
        self.enter = nn.Linear(c.sight + PLACE, c.width)
        layout = TextConfig(width=c.width, heads=c.heads, hidden=c.hidden)
        self.blocks = nn.ModuleList(Block(layout) for _ in range(c.depth))
        self.norm = nn.LayerNorm(c.width)
        self.leave = nn.Linear(c.width, c.size)
        self.text_head = TextHead(c)
        self.match_head = MatchHead(c.match, c.sight, c.size, c.text.width)

    @torch.no_grad()
    def fit(self, pictures: Iterable[Tensor]) -> None:
        """Take the components of the encoder's features of some pictures [B, 3, H, W], one batch after the other."""
        samples = [[layer.movedim(1, -1).flatten(0, 2) for layer in _layers(rgb)[1:]] for rgb in pictures]
        for whitening, points in zip(self.whitenings, zip(*samples, strict=True), strict=True):
            whitening.fit(torch.cat(points))  # pyright: ignore[reportCallIssue]

    @torch.no_grad()
    def see(self, rgb_BCHW: Tensor) -> Sight:
        """What the encoder sees in pictures [B, 3, H, W] of any size, in about 144 patches."""
        colours, *layers = _layers(rgb_BCHW)
        seen = [4 * colours - 2, *(whiten(layer) for whiten, layer in zip(self.whitenings, layers, strict=True))]
        rows, columns = colours.shape[2:]
        return Sight(torch.cat(seen, 1).flatten(2).transpose(1, 2).contiguous(), (rows, columns))

    def patches(self, tokens_BPS: Tensor, places_BPC: Tensor) -> Tensor:
        """Vectors [B, P, E] of patches, seen in pictures at `places`; those of a picture know of each other."""
        x_BPD = self.enter(torch.cat([self.dropout(tokens_BPS), places_BPC], -1))
        everywhere = torch.ones(1, 1, 1, x_BPD.shape[1], dtype=torch.bool, device=x_BPD.device)
        for block in self.blocks:
            x_BPD = block(x_BPD, everywhere)
        return self.leave(self.norm(x_BPD))

    def describe(self, sight: Sight) -> PictureVectors:
        """The vectors of pictures that were seen."""
        places_BPC = places(*sight.grid).to(sight.tokens).expand(len(sight.tokens), -1, -1)
        patches = self.patches(sight.tokens, places_BPC)
        return PictureVectors(pool(patches), patches, sight.grid)

    @torch.no_grad()
    def picture(self, rgb_BCHW: Tensor) -> PictureVectors:
        """The vectors of pictures [B, 3, H, W] in [0, 1], of any size."""
        return self.describe(self.see(rgb_BCHW))

    @torch.no_grad()
    def text(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors [B, E] of texts; their product with a picture's is how alike they are. The empty text has one.

        Raises:
            ModelError: the text encoder is missing.
        """
        parts = [torch.zeros(0, self.config.size)]
        for start in range(0, len(texts), AT_ONCE):
            parts.append(self.text_head(read(texts[start : start + AT_ONCE])))
        return torch.cat(parts)

    @torch.no_grad()
    def match(self, rgb_TCHW: Tensor, texts: Sequence[str]) -> Tensor:
        """The raw logit of "match" of a clip with each of some texts, [B].

        Args:
            rgb_TCHW: eight frames, evenly spread over the clip.

        Raises:
            ModelError: the text encoder is missing.
        """
        sight = self.see(rgb_TCHW)
        return self.logits(sight.tokens[None], self.describe(sight).patches[None], sight.grid, read(texts))

    def logits(self, tokens_BTPS: Tensor, patches_BTPE: Tensor, grid: tuple[int, int], words: Words) -> Tensor:
        """The raw logit of "match" of each of B clips with each of its texts, [K B]: the first text of all, the second.

        What patches and texts mean is taken as it is: no gradient goes there.
        """
        count = len(words.sentences) // len(tokens_BTPS)
        seen_BND = self.match_head.watch(tokens_BTPS, patches_BTPE.detach(), grid).repeat(count, 1, 1)
        patches_BNE = F.normalize(patches_BTPE.detach().float(), dim=-1).flatten(1, 2).repeat(count, 1, 1)
        likeness_BLN = self.text_head.tokens(words).detach() @ patches_BNE.transpose(1, 2)
        return self.match_head.judge(seen_BND, likeness_BLN, words.features, words.padding)


def read(texts: Sequence[str]) -> Words:
    """At least one text, by the embedded text encoder; raises `ModelError` where it is missing."""
    encoder = embedded_text_encoder()
    features_BLD, padding_BL = encoder.features(texts)
    with torch.no_grad():
        sentences = encoder.sentences(features_BLD, padding_BL)
        return Words(features_BLD, padding_BL, encoder.to_teacher(features_BLD), sentences)


def pool(patches_BPE: Tensor) -> Tensor:
    """The vector of a picture, [B, E], from those of its patches."""
    return F.normalize(patches_BPE.float().mean(1), dim=1)


def grid_of(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of the patches of a picture: about 144, as square as can be."""
    rows = min(max(round(math.sqrt(PATCHES * height / width)), 2), PATCHES // 2)
    return rows, round(PATCHES / rows)


def _layers(rgb_BCHW: Tensor) -> list[Tensor]:
    """Of each patch the mean colours of its cells, and the means of the encoder's layers, [B, C, rows, columns]."""
    grid = grid_of(*rgb_BCHW.shape[2:])
    size = [PATCH * side for side in grid]
    # Bicubic weights overshoot at edges, out of the range that the encoder knows.
    rgb_BCHW = F.interpolate(rgb_BCHW, size, mode="bicubic", antialias=True).clamp(0, 1)
    rgb_BCHW = rgb_BCHW.contiguous(memory_format=torch.channels_last)
    cells = F.avg_pool2d(rgb_BCHW, PATCH // CELLS)
    layers = embedded_encoder()(rgb_BCHW, first_stride=2)[LAYERS]
    return [F.pixel_unshuffle(cells, CELLS), *(F.adaptive_avg_pool2d(layer.float(), grid) for layer in layers)]


def save_clip_nano(net: ClipNano, path: Path) -> None:
    """Write the weights, matrices as bytes, with the config in the header; the file appears whole or not at all."""
    with written_atomically(path) as partial, writing(path):
        partial.write_bytes(save(to_bytes(net.state_dict()), {FORMAT: json.dumps(asdict(net.config))}))


def load_clip_nano(path: Path) -> ClipNano:
    """Read weights that `save_clip_nano` wrote; frozen, in evaluation mode, float32.

    Raises:
        ModelError: the file holds something else.
    """
    try:
        with safe_open(path, "pt") as file:
            header = json.loads((file.metadata() or {})[FORMAT])
        parts = {"text": TextConfig(**header.pop("text")), "match": MatchConfig(**header.pop("match"))}
        net = ClipNano(ClipConfig(**header, **parts))
        state = from_bytes(load_file(path))
        net.load_state_dict(state)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"{str(path)!r} does not hold the weights of clip-nano; reinstall Impasto.") from error
    if not all(value.isfinite().all() for value in state.values()):
        raise ModelError(f"{str(path)!r} holds weights that are no numbers; reinstall Impasto.")
    return net.eval().requires_grad_(False)


@cache
def embedded_clip_nano() -> ClipNano:
    """The network that ships with the package; raises `ModelError` where its file is missing."""
    return load_clip_nano(weights_file(WEIGHTS))
