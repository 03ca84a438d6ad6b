"""The published bases: which files they are. Imports nothing heavy, so that a list of models costs nothing."""

from dataclasses import replace

from impasto.diffusion.configs import WAN_1_3B, WAN_14B_I2V
from impasto.weights.hub import HubFile, HubModel

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


def base_model(name: str, *parts: str) -> HubModel:
    """These parts of a published base.

    Args:
        name: of the configuration, as in `impasto.diffusion.configs`.
        parts: `transformer`, `vae`, `text_encoder`, `tokenizer`, `image_encoder`, `image_processor`.
    """
    model = HUB_MODELS[name]
    first, *rest = model.files
    return replace(model, files=(first, *(file for file in rest if file.name.partition("/")[0] in parts)))
