"""Wan's image-to-video folder as the hub has it, at toy size, and adapters for it."""

import json
from pathlib import Path
from typing import Any

from impasto.stylizers.dreamstyle.model import DreamStyle
from tests.diffusion.toy import (
    PICTURE_MODEL,
    VISION,
    save_picture_reader,
    save_text_reader,
    toy_autoencoder,
    toy_transformer,
)
from tests.stylizers.dreamstyle.toy import CONFIG, wake

SIZE = {"window": 17, "pixels": 32 * 48}
INDEX = {
    "_class_name": "WanImageToVideoPipeline",
    "image_encoder": ["transformers", "CLIPVisionModel"],
    "image_processor": ["transformers", "CLIPImageProcessorPil"],
    "scheduler": ["diffusers", "UniPCMultistepScheduler"],
    "text_encoder": ["transformers", "UMT5EncoderModel"],
    "tokenizer": ["transformers", "T5Tokenizer"],
    "transformer": ["diffusers", "WanTransformer3DModel"],
    "vae": ["diffusers", "AutoencoderKLWan"],
}
"""As the hub's folder has it, with what diffusers would run it with."""


def transformer() -> Any:
    return toy_transformer(**{**PICTURE_MODEL, "image_dim": VISION["hidden_size"]})


def save_folder(place: Path, **index: int) -> None:
    """`index` are further keys of its `model_index.json`."""
    transformer().save_pretrained(place / "transformer")
    toy_autoencoder().save_pretrained(place / "vae")
    save_text_reader(place)
    save_picture_reader(place)
    (place / "model_index.json").write_text(json.dumps({**INDEX, **index}))


def save_adapters(path: Path) -> None:
    model = DreamStyle(transformer(), "toy", CONFIG)
    wake(model)
    model.save(path)
