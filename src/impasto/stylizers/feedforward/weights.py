"""Reading and writing the predictor's weights."""

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from impasto.stylizers.feedforward.network import NetworkConfig, Predictor, PredictorConfig
from impasto.weights.paths import weights_file

SWIFT = "swift.safetensors"
SCALE = "/scale"


def save_predictor(predictor: Predictor, path: Path) -> None:
    """Write the weights with the config in the header; the file appears whole or not at all.

    Learned kernels and matrices are stored as int8 with a float16 scale for each filter or row, all else as float16.
    """
    learned = {key for key, value in predictor.named_parameters() if value.dim() > 1}
    state = {}
    for key, value in predictor.state_dict().items():
        value = value.detach()
        if key in learned:
            scale = value.abs().amax(tuple(range(value.dim() // 2, value.dim())), keepdim=True)
            scale = scale.clamp(min=1e-5).div(127).half()
            state[f"{key}{SCALE}"] = scale
            value = (value / scale.float()).round().clamp(-127, 127).to(torch.int8)
        else:
            value = value.half()
        state[key] = value.contiguous()
    partial = path.with_suffix(".part")
    save_file(state, partial, metadata={"config": json.dumps(asdict(predictor.config))})
    partial.replace(path)


def load_predictor(path: Path) -> Predictor:
    """Read weights that `save_predictor` wrote; frozen, float32."""
    with safe_open(path, "pt") as file:
        config = json.loads(file.metadata()["config"])
    stored = {key: value.float() for key, value in load_file(path).items()}
    for key in [key for key in stored if key.endswith(SCALE)]:
        stored[key.removesuffix(SCALE)] *= stored.pop(key)
    predictor = Predictor(PredictorConfig(**config | {"network": NetworkConfig(**config["network"])}))
    predictor.load_state_dict(stored)
    return predictor.eval().requires_grad_(False)


@cache
def embedded_predictor() -> Predictor:
    """The predictor that ships with the package."""
    return load_predictor(weights_file(SWIFT))
