"""Published networks from their files, by the libraries' own classes; only safetensors and configurations are read."""

from dataclasses import asdict
from pathlib import Path

import torch
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from transformers import AutoTokenizer, CLIPImageProcessorPil, CLIPVisionModel, UMT5EncoderModel

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.configs import TransformerConfig
from impasto.diffusion.pictures import PictureReader
from impasto.diffusion.published import base_model
from impasto.diffusion.text import TextReader
from impasto.errors import ModelError
from impasto.weights.hub import fetched
from impasto.weights.pretrained import load_network, load_reader


def base_folder(name: str, *parts: str) -> Path:
    """The folder with these parts of a published base; fetches what is missing where that is allowed.

    Args:
        name: of the configuration, as in `impasto.diffusion.configs`.
        parts: `transformer`, `vae`, `text_encoder`, `tokenizer`, `image_encoder`, `image_processor`.

    Raises:
        ModelError: files are missing and may not or cannot be fetched (says which, their sizes, where to put them).
    """
    return fetched(base_model(name, *parts))


def load_transformer(place: Path, config: TransformerConfig, dtype: torch.dtype) -> WanTransformer3DModel:
    """The transformer of a folder that `save_pretrained` or the hub made, in evaluation mode without gradients.

    Raises:
        ModelError: it cannot be read, or is of another size than `config` (says which number differs).
    """
    transformer = load_network(WanTransformer3DModel, place / "transformer", dtype)
    for name, value in asdict(config).items():
        found = transformer.config[name]
        if found != value:
            raise ModelError(
                f"The transformer in {place} has {name} {found} where {value} is wanted; take the folder of that base."
            )
    return transformer


def load_autoencoder(place: Path, tiled: bool = False) -> Autoencoder:
    """The autoencoder of a folder, in float32; raises `ModelError` where it cannot be read."""
    return Autoencoder(load_network(AutoencoderKLWan, place / "vae", torch.float32), tiled)


def load_text_reader(place: Path, dtype: torch.dtype) -> TextReader:
    """The text encoder of a folder and its tokenizer; raises `ModelError` where they cannot be read."""
    encoder = load_network(UMT5EncoderModel, place / "text_encoder", dtype)
    return TextReader(encoder, load_reader(AutoTokenizer, place / "tokenizer"))


def load_picture_reader(place: Path, dtype: torch.dtype) -> PictureReader:
    """The picture encoder of an image-to-video folder; raises `ModelError` where it cannot be read."""
    encoder = load_network(CLIPVisionModel, place / "image_encoder", dtype)
    return PictureReader(encoder, load_reader(CLIPImageProcessorPil, place / "image_processor"))
