"""Reading and writing the predictor's weights."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import load_file, save_file

from impasto.stylizers.feedforward.network import NetworkConfig, Predictor, PredictorConfig
from impasto.weights.paths import weights_file
from impasto.weights.rows import from_bytes, to_bytes

SWIFT = "swift.safetensors"


def save_predictor(predictor: Predictor, path: Path) -> None:
    """Write the weights with the config in the header; the file appears whole or not at all.

    Learned kernels and matrices are stored as int8, all else as float16.
    """
    learned = {key for key, value in predictor.named_parameters() if value.dim() > 1}
    state = to_bytes(predictor.state_dict(), learned)
    partial = path.with_suffix(".part")
    save_file(state, partial, metadata={"config": json.dumps(asdict(predictor.config))})
    partial.replace(path)


def load_predictor(path: Path) -> Predictor:
    """Read weights that `save_predictor` wrote; frozen, float32."""
    with safe_open(path, "pt") as file:
        config = json.loads(file.metadata()["config"])
    predictor = Predictor(PredictorConfig(**config | {"network": NetworkConfig(**config["network"])}))
    predictor.load_state_dict(from_bytes(load_file(path)))
    return predictor.eval().requires_grad_(False)


@cache
def embedded_predictor() -> Predictor:
    """The predictor that ships with the package."""
    return load_predictor(weights_file(SWIFT))
