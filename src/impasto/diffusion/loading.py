"""Published bases from their files, by the library's own classes; only safetensors and configurations are read.

Files are looked for in `IMPASTO_WEIGHTS_DIR`, then in the hub's cache, then on the hub unless `IMPASTO_OFFLINE=1`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from diffusers.models.modeling_utils import ModelMixin
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from diffusers.utils import logging

from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.configs import WAN_1_3B, WAN_14B_I2V, TransformerConfig
from impasto.errors import ModelError
from impasto.weights.hub import HubFile, HubModel, folder

SHOWN = 3
"""Names that a message gives of those that do not fit."""

_MODEL = "diffusion_pytorch_model"


def _shards(place: str, stem: str, count: int, size: int) -> tuple[HubFile, ...]:
    """A network of `size` bytes in so many files, with its index and configuration."""
    names = [f"{place}/{stem}-{number:05d}-of-{count:05d}.safetensors" for number in range(1, count + 1)]
    weights = tuple(HubFile(name, size // count) for name in names)
    return (HubFile(f"{place}/config.json", 500), HubFile(f"{place}/{stem}.safetensors.index.json", 100_000), *weights)


_SHARED = (
    HubFile("model_index.json", 400),
    HubFile("vae/config.json", 700),
    HubFile(f"vae/{_MODEL}.safetensors", 508_000_000),
    *_shards("text_encoder", "model", 5, 22_700_000_000),
    HubFile("tokenizer/tokenizer.json", 16_800_000),
    HubFile("tokenizer/tokenizer_config.json", 61_800),
    HubFile("tokenizer/special_tokens_map.json", 7_080),
    HubFile("tokenizer/spiece.model", 4_550_000),
)
HUB_MODELS = {
    WAN_1_3B.name: HubModel(
        repository="Wan-AI/Wan2.1-T2V-1.3B-Diffusers",
        files=(*_SHARED, *_shards("transformer", _MODEL, 2, 5_680_000_000)),
        licence="Apache-2.0",
    ),
    WAN_14B_I2V.name: HubModel(
        repository="Wan-AI/Wan2.1-I2V-14B-480P-Diffusers",
        files=(
            *_SHARED,
            *_shards("transformer", _MODEL, 14, 65_600_000_000),
            HubFile("image_encoder/config.json", 500),
            HubFile("image_encoder/model.safetensors", 1_264_000_000),
            HubFile("image_processor/preprocessor_config.json", 480),
        ),
        licence="Apache-2.0",
    ),
}
"""By the name of the configuration; in float32, but for the picture encoder. The first file says where the root is."""


def base_folder(name: str, *parts: str) -> Path:
    """The folder with these parts of a published base; fetches what is missing where that is allowed.

    Args:
        name: of the configuration, as in `impasto.diffusion.configs`.
        parts: `transformer`, `vae`, `text_encoder`, `tokenizer`, `image_encoder`, `image_processor`.

    Raises:
        ModelError: files are missing and may not or cannot be fetched (says which, their sizes, where to put them).
    """
    model = HUB_MODELS[name]
    first, *rest = model.files
    wanted = replace(model, files=(first, *(file for file in rest if file.name.partition("/")[0] in parts)))
    try:
        return folder(wanted)
    except ModelError as missing:
        if os.environ.get("IMPASTO_OFFLINE") == "1":
            raise
        return _fetch(wanted, missing)


def load_transformer(place: Path, config: TransformerConfig, dtype: torch.dtype) -> WanTransformer3DModel:
    """The transformer of a folder that `save_pretrained` or the hub made, in evaluation mode without gradients.

    Raises:
        ModelError: it cannot be read, or is of another size than `config` (says which number differs).
    """
    transformer = _load(WanTransformer3DModel, place / "transformer", dtype)
    for name, value in asdict(config).items():
        found = transformer.config[name]
        if found != value:
            raise ModelError(
                f"The transformer in {place} has {name} {found} where {value} is wanted; take the folder of that base."
            )
    return transformer


def load_autoencoder(place: Path, tiled: bool = False) -> Autoencoder:
    """The autoencoder of a folder, in float32; raises `ModelError` where it cannot be read."""
    return Autoencoder(_load(AutoencoderKLWan, place / "vae", torch.float32), tiled)


def _fetch(model: HubModel, missing: ModelError) -> Path:
    try:
        from huggingface_hub import snapshot_download

        names = [file.name for file in model.files]
        return Path(snapshot_download(model.repository, revision=model.revision, allow_patterns=names))
    except Exception as error:  # of the hub and of the network, in many trees
        raise ModelError(f"{missing} The hub could not be reached ({_reason(error)}).") from error


def _load(kind: type[ModelMixin], place: Path, dtype: torch.dtype) -> Any:
    if not (place / "config.json").is_file():
        raise ModelError(f"There is no model in {place}: put its config.json and its safetensors files there.")
    with _silent():
        try:
            loaded: Any = kind.from_pretrained(
                place, torch_dtype=dtype, local_files_only=True, use_safetensors=True, output_loading_info=True
            )
        except Exception as error:  # of diffusers, safetensors and huggingface_hub, each with a tree of its own
            raise ModelError(f"The model in {place} cannot be read ({_reason(error)}); fetch it anew.") from error
    model, report = loaded
    wrong = sorted([*report["missing_keys"], *report["unexpected_keys"]])
    if wrong:
        some = ", ".join(wrong[:SHOWN]) + (", ..." if len(wrong) > SHOWN else "")
        raise ModelError(f"{len(wrong)} tensors in {place} are missing or not known: {some}; fetch the model anew.")
    return model.eval().requires_grad_(False)


def _reason(error: Exception) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__


@contextmanager
def _silent() -> Iterator[None]:
    """Without the progress bars and warnings that the library prints."""
    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
