"""The library's classes at toy size, with random weights."""

from pathlib import Path
from typing import Any

import torch
from diffusers import AutoencoderKLWan, WanTransformer3DModel
from transformers import (
    CLIPConfig,
    CLIPImageProcessorPil,
    CLIPModel,
    CLIPTokenizer,
    CLIPVisionConfig,
    CLIPVisionModel,
    T5Tokenizer,
    UMT5Config,
    UMT5EncoderModel,
)

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


def save_text_reader(place: Path) -> None:
    """A UMT5 encoder of `TEXT` channels, and a tokenizer that knows single letters."""
    torch.manual_seed(0)
    sizes = {
        "d_kv": 4,
        "d_ff": 16,
        "num_layers": 2,
        "num_heads": 2,
        "vocab_size": 64,
        "feed_forward_proj": "gated-gelu",
    }
    UMT5EncoderModel(UMT5Config(d_model=TEXT, **sizes)).save_pretrained(place / "text_encoder")
    letters = "abcdefghijklmnopqrstuvwxyz&'.,"
    vocabulary = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("\N{LOWER ONE EIGHTH BLOCK}", -2.0)]
    tokenizer = T5Tokenizer([*vocabulary, *((letter, -3.0) for letter in letters)], extra_ids=0)
    tokenizer.save_pretrained(place / "tokenizer")


VISION = {
    "hidden_size": 12,
    "intermediate_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "patch_size": 56,
}


def save_picture_reader(place: Path) -> None:
    """A CLIP vision model of 17 tokens, and its processor."""
    torch.manual_seed(0)
    CLIPVisionModel(CLIPVisionConfig(**VISION)).save_pretrained(place / "image_encoder")
    CLIPImageProcessorPil().save_pretrained(place / "image_processor")


def save_clip(place: Path, size: int) -> None:
    """A CLIP of vectors of `size` numbers, its processor, and a tokenizer that knows single letters."""
    torch.manual_seed(0)
    config = CLIPConfig(text_config=CLIP_TEXT, vision_config=VISION, projection_dim=size)
    CLIPModel(config).save_pretrained(place)
    CLIPImageProcessorPil().save_pretrained(place)
    clip_tokenizer().save_pretrained(place)


_LETTERS = [*"abcdefghijklmnopqrstuvwxyz"]
_NAMES = [*_LETTERS, *(f"{letter}</w>" for letter in _LETTERS), "<|startoftext|>", "<|endoftext|>"]
CLIP_TEXT = {
    "hidden_size": 8,
    "intermediate_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "vocab_size": len(_NAMES),
    "bos_token_id": len(_NAMES) - 2,
    "eos_token_id": len(_NAMES) - 1,
}
"""Sizes of a text model that reads what `clip_tokenizer` gives."""


def clip_tokenizer() -> CLIPTokenizer:
    """Knows single letters."""
    return CLIPTokenizer({name: number for number, name in enumerate(_NAMES)}, [], model_max_length=77)
