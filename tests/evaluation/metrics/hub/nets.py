"""Tiny random networks of the published classes, in folders as the hub has them, and pictures prepared by hand.

They see 224x224 pixels as the published ones do, in 16 patches.
"""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import nn

from impasto.weights.hub import HubModel

PATCH, WIDTH = 56, 32
VISION = {
    "hidden_size": WIDTH,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 224,
    "patch_size": PATCH,
}
CLIP_SCALE = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
IMAGENET_SCALE = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)

VOCABULARY = ["<|startoftext|>", "<|endoftext|>", *"acdgot", "t</w>", "g</w>", "ca", "cat</w>", "do", "dog</w>"]
MERGES = ["c a", "ca t</w>", "d o", "do g</w>"]
START, END = 0, 1
TEXT = {
    "vocab_size": len(VOCABULARY),
    "hidden_size": WIDTH,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "max_position_embeddings": 6,
    "bos_token_id": START,
    "eos_token_id": END,
    "pad_token_id": END,
}


def blocks(seed: int, size: tuple[int, int] = (60, 80)) -> np.ndarray:
    """3x4 blocks of random colours: pictures that even a random network tells apart."""
    colors = np.random.default_rng(seed).random((3, 4, 3)).astype(np.float32)
    height, width = size
    return colors.repeat(height // 3, 0).repeat(width // 4, 1)


def token(word: str) -> int:
    return VOCABULARY.index(f"{word}</w>")


def save_vocabulary(place: Path) -> None:
    (place / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(VOCABULARY)}))
    (place / "merges.txt").write_text("\n".join(["#version: 0.2", *MERGES]) + "\n")


def randomised(net: nn.Module, seed: int = 0) -> Any:
    """With weights so large that outputs depend on the picture: as made, they hardly do."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in net.named_parameters():
            gain = 1.0 if value.ndim == 1 and name.endswith("weight") else 0.0  # of a norm
            value.copy_(torch.randn(value.shape, generator=generator) * 0.3 + gain)
    return net.eval()


def saved(net: Any, weights: Path, model: HubModel) -> Any:
    place = weights / model.repository.partition("/")[2]
    net.save_pretrained(place)
    save_vocabulary(place)
    return net


def shrunk(frame: np.ndarray, size: tuple[int, int], filter: Image.Resampling) -> np.ndarray:
    """By Pillow, in float: one channel at a time. `size` is (height, width)."""
    channels = [Image.fromarray(np.ascontiguousarray(frame[..., c])).resize(size[::-1], filter) for c in range(3)]
    return np.clip(np.stack([np.asarray(channel) for channel in channels], -1), 0, 1)


def prepared(picture: np.ndarray, scale: tuple[Sequence[float], Sequence[float]]) -> torch.Tensor:
    """[1, 3, H, W], normalised."""
    mean, deviation = scale
    scaled = (picture - np.array(mean)) / np.array(deviation)
    return torch.from_numpy(scaled.transpose(2, 0, 1)[None].astype(np.float32))


def seen_by_clip(frame: np.ndarray) -> torch.Tensor:
    """The middle of a frame of 60x80 pixels, made 224x298."""
    return prepared(shrunk(frame, (224, 298), Image.Resampling.BICUBIC)[:, 37:261], CLIP_SCALE)


class Film:
    """A clip in memory."""

    fps = Fraction(25)

    def __init__(self, frames: Sequence[np.ndarray]) -> None:
        self._frames = frames

    def outputs(self):
        return iter(self._frames)

    def sources(self):
        return iter(self._frames)
