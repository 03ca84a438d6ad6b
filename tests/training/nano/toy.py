"""Clips as shards, small: smooth colours that drift; and random latents of such."""

import numpy as np
import torch

from impasto.training.nano.clips import CLIPS
from impasto.training.nano.latents import Example
from impasto.training.nano.shards import Part, shard_folder, write_shard
from impasto.weights.rows import to_bytes
from tests.perception.text.toy import CONFIG

LATENT, TEXT, PICTURE = 16, CONFIG.width, 8
"""Channels of latents, text and picture tokens."""


def drifting(seed: int, frames: int, height: int, width: int) -> torch.Tensor:
    """uint8 [T, H, W, 3]"""
    rng = np.random.default_rng(seed)
    t, y, x = np.mgrid[:frames, :height, :width]
    fy, fx, speed, phase = rng.uniform(-0.3, 0.3, (4, 3))
    waves = [np.sin(fy[c] * y + fx[c] * x + speed[c] * t + 9 * phase[c]) for c in range(3)]
    return torch.from_numpy((127.5 + 120 * np.stack(waves, -1)).round().astype(np.uint8))


def write_toy_clips(part: Part, count: int, frames: int = 5, size: tuple[int, int] = (32, 48)) -> None:
    """A shard of clips and one picture, with two captions each."""
    clips = {f"clip-{number}": drifting(number, frames, *size) for number in range(count)}
    clips["picture"] = drifting(99, 1, *size)
    notes = {name: [f"{name} drifts", f"a {name}"] for name in clips}
    write_shard(shard_folder(CLIPS) / f"toy-{part}-0000.safetensors", clips, notes)


def toy_examples(shapes: dict[str, tuple[int, int, int]]) -> list[Example]:
    """Random latents of these shapes, with two captions each, as they are stored."""
    found = []
    for seed, (name, (frames, height, width)) in enumerate(shapes.items()):
        generator = torch.Generator().manual_seed(seed)
        tensors = {"latent": (LATENT, frames, height, width), "pooled": (PICTURE,)}
        tensors |= {"text 0": (3 + seed, TEXT), "text 1": (5, TEXT)}
        tensors |= {"patches": (4, PICTURE)} if frames > 1 else {}
        stored = to_bytes({key: torch.randn(shape, generator=generator) for key, shape in tensors.items()})
        found.append(Example(name, (frames, height, width), (f"{name} drifts", f"a {name}"), stored))
    return found
