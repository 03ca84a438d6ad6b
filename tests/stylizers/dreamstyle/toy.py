"""DreamStyle at toy size, on a toy base."""

from typing import Any

import torch
from torch import Tensor, nn

from impasto.stylizers.dreamstyle.config import DreamStyleConfig
from impasto.stylizers.dreamstyle.given import Extra, Given
from impasto.stylizers.dreamstyle.model import DreamStyle
from tests.diffusion.toy import LATENT, PICTURE, PICTURE_MODEL, TEXT, toy_latents, toy_transformer

SIGMA = torch.tensor([0.7, 0.2])
FRAMES, EACH = 2, 4
"""Latent frames of the video, and tokens of a frame."""
CONFIG = DreamStyleConfig(rank=2)


def some(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def extra(frames: int, seed: int) -> Extra:
    return Extra(some(2, LATENT, frames, 4, 4, seed=seed), some(2, LATENT, frames, 4, 4, seed=seed + 1))


def given(first: bool = False, styles: int = 0, **changes: Any) -> Given:
    """For the two clips of `toy_latents`."""
    pictures = int(first) + styles
    fields: dict[str, Any] = {
        "text": some(2, 5, TEXT, seed=1),
        "raw": some(2, LATENT, FRAMES, 4, 4, seed=2),
        "first": extra(1, 10) if first else None,
        "style": extra(styles, 20) if styles else None,
        "picture": some(2, 7 * pictures, PICTURE, seed=3) if pictures else None,
    }
    return Given(**{**fields, **changes})


def toy_dreamstyle(awake: bool = True, **changes: Any) -> DreamStyle:
    """With weights everywhere, also where training begins with zeros, if it is awake."""
    base = toy_transformer(**PICTURE_MODEL)
    torch.manual_seed(2)
    model = DreamStyle(base, "toy", DreamStyleConfig(**{"rank": 2, **changes})).eval()
    if awake:
        wake(model)
    return model


def wake(model: DreamStyle) -> None:
    torch.manual_seed(3)
    for parameter in model.learns().parameters():
        nn.init.normal_(parameter, std=0.3)


def velocity(model: DreamStyle, conditions: Given) -> Tensor:
    return model.velocity(toy_latents(), SIGMA, conditions)
