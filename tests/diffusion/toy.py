"""The library's classes at toy size, with random weights."""

from typing import Any

import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel

from impasto.diffusion.conditions import Conditions

LATENT, TEXT, PICTURE, STYLE = 4, 8, 6, 10
"""Channels."""
PICTURE_MODEL = {"in_channels": LATENT + 4 + LATENT, "image_dim": PICTURE, "added_kv_proj_dim": 24}


def toy_transformer(**changes: Any) -> WanTransformer3DModel:
    """From text by default; with `PICTURE_MODEL`, from a picture too."""
    torch.manual_seed(0)
    sizes: dict[str, Any] = {
        "num_attention_heads": 2,
        "attention_head_dim": 12,
        "in_channels": LATENT,
        "out_channels": LATENT,
        "text_dim": TEXT,
        "freq_dim": 16,
        "ffn_dim": 32,
        "num_layers": 3,
        "rope_max_seq_len": 32,
    }
    return WanTransformer3DModel(**{**sizes, **changes}).eval()


def toy_autoencoder() -> AutoencoderKLWan:
    """With statistics that are not 0 and 1."""
    torch.manual_seed(0)
    mean, std = [0.1, -0.2, 0.3, 0.0], [0.5, 2.0, 1.0, 1.5]
    return AutoencoderKLWan(
        base_dim=4, z_dim=LATENT, num_res_blocks=1, latents_mean=mean, latents_std=std, dim_mult=[1, 1, 1, 1]
    ).eval()


def toy_latents(clips: int = 2, seed: int = 0) -> torch.Tensor:
    return torch.randn(clips, LATENT, 2, 4, 4, generator=torch.Generator().manual_seed(seed))


def toy_conditions(clips: int = 2, picture: bool = False, style: bool = True, text_tokens: int = 5) -> Conditions:
    generator = torch.Generator().manual_seed(1)

    def some(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    return Conditions(
        text=some(clips, text_tokens, TEXT),
        picture=some(clips, 7, PICTURE) if picture else None,
        image=some(clips, 4 + LATENT, 2, 4, 4) if picture else None,
        style=some(clips, 3, STYLE) if style else None,
    )
