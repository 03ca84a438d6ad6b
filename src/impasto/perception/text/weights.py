"""Reading and writing the text encoder: its weights, and in the header its vocabulary and layout."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save

from impasto.errors import ModelError
from impasto.perception.text.encoder import TextConfig, TextEncoder
from impasto.video.files import writing, written_atomically
from impasto.weights.paths import weights_file
from impasto.weights.rows import from_bytes, to_bytes

TEXT = "text.safetensors"
FORMAT = "impasto text encoder 1"
"""The only key of the metadata: safetensors writes several in any order, but the same weights give the same file."""


def save_text_encoder(encoder: TextEncoder, path: Path) -> None:
    """Write the encoder, matrices as bytes; the file appears whole or not at all."""
    header = json.dumps({"config": asdict(encoder.config), "pieces": encoder.pieces}, ensure_ascii=False)
    with written_atomically(path) as partial, writing(path):
        partial.write_bytes(save(to_bytes(encoder.state_dict()), {FORMAT: header}))


def load_text_encoder(path: Path) -> TextEncoder:
    """Read what `save_text_encoder` wrote; frozen, in evaluation mode, float32.

    Raises:
        ModelError: the file is broken, or no text encoder.
    """
    try:
        with safe_open(path, "pt") as file:
            header = json.loads((file.metadata() or {})[FORMAT])
        encoder = TextEncoder(header["pieces"], TextConfig(**header["config"]))
        state = from_bytes(load_file(path))
        encoder.load_state_dict(state)
    except (SafetensorError, OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise ModelError(f"{str(path)!r} is no text encoder of this version; train or install it anew.") from error
    if not all(value.isfinite().all() for value in state.values()):
        raise ModelError(f"{str(path)!r} holds weights that are no numbers; train or install it anew.")
    return encoder.eval().requires_grad_(False)


@cache
def embedded_text_encoder() -> TextEncoder:
    """The text encoder that ships with the package; raises `ModelError` where it is missing."""
    return load_text_encoder(weights_file(TEXT))
