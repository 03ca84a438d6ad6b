"""The nano base that ships with the package: a VAE and a transformer of the library's classes, as bytes.

Matrices and kernels are int8 with a scale for each row, all else is float16 (impasto.weights.rows); the configuration
is in the header.

Legend: B clips, C latent channels, M mask channels, T latent frames, h w their size, L text tokens, D their channels.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TypeVar

import torch
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from impasto.diffusion.conditions import image_channels
from impasto.diffusion.configs import AutoencoderConfig, TransformerConfig
from impasto.diffusion.vaelayers import compute_as_pictures
from impasto.errors import ModelError
from impasto.perception.text.weights import embedded_text_encoder
from impasto.video.files import writing, written_atomically
from impasto.weights.paths import weights_file
from impasto.weights.rows import from_bytes, to_bytes

VAE, BASE = "nano-vae.safetensors", "nano-base.safetensors"
FORMAT = "impasto diffusion part 1"
"""The only key of the metadata, so that the same weights give the same file."""

Part = TypeVar("Part", AutoencoderKLWan, WanTransformer3DModel)


def save_part(part: AutoencoderKLWan | WanTransformer3DModel, path: Path) -> None:
    """Write a model and its configuration; the file appears whole or not at all."""
    state = part.state_dict()
    config = {name: value for name, value in part.config.items() if not name.startswith("_")}
    # One scale for a whole table, such as that of the modulation, would be coarse.
    rows = [name for name, value in state.items() if name.endswith("weight") and value.dim() > 1]
    header = {FORMAT: json.dumps({"class": type(part).__name__, "config": config})}
    with written_atomically(path) as partial, writing(path):
        partial.write_bytes(save(to_bytes(state, rows), header))


def load_vae(path: Path) -> AutoencoderKLWan:
    """Read a VAE that `save_part` wrote; frozen, in evaluation mode, float32.

    Raises:
        ModelError: the file holds something else.
    """
    vae = _load(AutoencoderKLWan, path)
    compute_as_pictures(vae)
    return vae


def load_base(path: Path, dtype: torch.dtype = torch.float32) -> WanTransformer3DModel:
    """Read a transformer that `save_part` wrote; frozen, in evaluation mode.

    Args:
        dtype: of all but the few parts that the library keeps in float32.

    Raises:
        ModelError: the file holds something else.
    """
    base = _load(WanTransformer3DModel, path)
    kept = set(base._keep_in_fp32_modules or ())
    for name, value in base.named_parameters():
        if kept.isdisjoint(name.split(".")):
            value.data = value.data.to(dtype)
    return base


@cache
def embedded_vae() -> AutoencoderKLWan:
    """The VAE that ships with the package; raises `ModelError` where its file is missing."""
    return load_vae(weights_file(VAE))


def embedded_base(dtype: torch.dtype = torch.float32) -> WanTransformer3DModel:
    """A copy of its own of the transformer that ships with the package: methods attach their parts to it.

    Raises:
        ModelError: its file is missing.
    """
    return load_base(weights_file(BASE), dtype)


def is_of_size(part: AutoencoderKLWan | WanTransformer3DModel, size: AutoencoderConfig | TransformerConfig) -> bool:
    """Whether a model was built from a configuration."""
    return json.dumps({name: part.config[name] for name in asdict(size)}) == json.dumps(asdict(size))


def read_texts(texts: Sequence[str]) -> Tensor:
    """Features [B, L, D] by the embedded text encoder, zeros after the shorter texts."""
    features_BLD, padding_BL = embedded_text_encoder().features(texts)
    return features_BLD.masked_fill(padding_BL[..., None], 0)


def first_frame_channels(first_BC1hw: Tensor, frames: int) -> Tensor:
    """Image channels [B, M + C, frames, h, w] by which the nano base goes on from a first frame: it stands in all.

    Args:
        first_BC1hw: normalised latents of pictures, each as a clip of one frame.
        frames: latent ones of the result.
    """
    # Departure: Wan encodes gray frames after the first, so that all of it must come by attention; here the picture is
    # in its place, as in Stable Video Diffusion (Blattmann 2023).
    return image_channels(first_BC1hw.expand(-1, -1, frames, -1, -1), [True] + [False] * (frames - 1))


def _load(kind: type[Part], path: Path) -> Part:
    name = kind.__name__
    try:
        with safe_open(path, "pt") as file:
            header = json.loads((file.metadata() or {})[FORMAT])
        if header["class"] != name:
            raise ModelError(
                f"{str(path)!r} holds weights of {header['class']}, not of {name}; take those made for it."
            )
        part = kind(**header["config"])
        state = from_bytes(load_file(path))
        part.load_state_dict(state)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise ModelError(f"{str(path)!r} does not hold weights of {name}; reinstall Impasto.") from error
    if not all(value.isfinite().all() for value in state.values()):
        raise ModelError(f"{str(path)!r} holds weights that are no numbers; reinstall Impasto.")
    return part.eval().requires_grad_(False)
