"""Published networks from their files, by the libraries' own classes; only safetensors and configurations are read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
import transformers.utils.logging
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from diffusers.models.modeling_utils import ModelMixin
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from diffusers.utils import logging
from transformers import AutoTokenizer, CLIPImageProcessorPil, CLIPVisionModel, UMT5EncoderModel

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.configs import TransformerConfig
from impasto.diffusion.pictures import PictureReader
from impasto.diffusion.published import base_model
from impasto.diffusion.text import TextReader
from impasto.errors import ModelError
from impasto.weights.hub import fetched

SHOWN = 3
"""Names that a message gives of those that do not fit."""


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


def load_network(kind: type[Any], place: Path, dtype: torch.dtype) -> Any:
    """A network of a class of diffusers or transformers, in evaluation mode without gradients.

    Raises:
        ModelError: it is not there, cannot be read, or its weights are of another layout (names the first few).
    """
    if not (place / "config.json").is_file():
        raise ModelError(f"There is no model in {place}: put its config.json and its safetensors files there.")
    # diffusers and transformers call it differently.
    precision: dict[str, Any] = {"torch_dtype" if ModelMixin in kind.__mro__ else "dtype": dtype}
    with _reading(place):
        model, report = kind.from_pretrained(
            place, local_files_only=True, use_safetensors=True, output_loading_info=True, **precision
        )
    wrong = sorted([*report["missing_keys"], *report["unexpected_keys"]])
    if wrong:
        some = ", ".join(wrong[:SHOWN]) + (", ..." if len(wrong) > SHOWN else "")
        raise ModelError(f"{len(wrong)} tensors in {place} are missing or not known: {some}; fetch the model anew.")
    return model.eval().requires_grad_(False)


def load_reader(kind: type[Any], place: Path) -> Any:
    """A tokenizer or processor of transformers; raises `ModelError` where it cannot be read."""
    with _reading(place):
        return kind.from_pretrained(place, local_files_only=True)


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


@contextmanager
def _reading(place: Path) -> Iterator[None]:
    """Without the progress bars and warnings that the libraries print, and with errors in a sentence."""
    libraries = [logging, transformers.utils.logging]
    before = [(library.get_verbosity(), library.is_progress_bar_enabled()) for library in libraries]
    for library in libraries:
        library.set_verbosity_error()
        library.disable_progress_bar()
    try:
        yield
    except Exception as error:  # of the libraries, safetensors and huggingface_hub, each with a tree of its own
        raise ModelError(f"The model in {place} cannot be read ({_reason(error)}); fetch it anew.") from error
    finally:
        for library, (verbosity, bars) in zip(libraries, before, strict=True):
            library.set_verbosity(verbosity)
            if bars:
                library.enable_progress_bar()
