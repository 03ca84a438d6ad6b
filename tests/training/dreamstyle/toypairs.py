"""Pairs at toy size: smooth colours that drift, and the same with channels turned; a DreamStyle on the toy base."""

from pathlib import Path

import numpy as np
import torch

from impasto.diffusion.embedded import embedded_base
from impasto.stylizers.dreamstyle.config import DreamStyleConfig
from impasto.stylizers.dreamstyle.model import DreamStyle
from impasto.training.dreamstyle.pairs import Pair, write_pairs
from impasto.training.nano.shards import Part
from tests.training.nano.toy import drifting


def toy_pair(number: int, best: bool = False, size: tuple[int, int] = (32, 48)) -> Pair:
    raw = drifting(number, 5, *size).numpy()
    other = drifting(number + 50, 1, 40, 40).numpy()[0]
    return Pair(
        name=f"pair-{number}",
        raw=raw,
        stylized=np.ascontiguousarray(raw[..., ::-1]),
        styles=[other[..., [2, 0, 1]].copy(), other[::-1].copy()],
        plain=f"clip {number} drifts",
        styled=f"clip {number} drifts, in turned colours",
        route="turned",
        best=best,
    )


def write_toy_pairs(folder: Path) -> None:
    """Three pairs to learn from, one of them among the best, and two held back."""
    parts: tuple[tuple[Part, range], ...] = (("train", range(3)), ("held", range(10, 12)))
    for part, numbers in parts:
        write_pairs(folder / f"toy-{part}-0000.safetensors", [toy_pair(n, best=n == 1) for n in numbers])


def toy_dreamstyle_nano() -> DreamStyle:
    """On the base of `write_weights`, with weights everywhere, also where training begins with zeros."""
    torch.manual_seed(1)
    model = DreamStyle(embedded_base(), "nano", DreamStyleConfig(rank=2))
    for parameter in model.learns().parameters():
        torch.nn.init.normal_(parameter, std=0.1)
    return model
