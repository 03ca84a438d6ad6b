"""What a method has learned beside a base, as a file, which knows how it is built and the base that it was made for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from impasto.errors import ModelError
from impasto.video.files import writing, written_atomically
from impasto.weights.rows import SCALE, from_bytes, to_bytes


@dataclass(frozen=True)
class Adapters:
    base: str
    """The name of the base."""
    shape: Mapping[str, int]
    """Its sizes, as its config names them."""
    config: Mapping[str, Any]
    """How each part is built, as the method writes it."""
    state: Mapping[str, Mapping[str, Tensor]]
    """Weights by part and name."""


@dataclass(frozen=True)
class AdapterFormat:
    """The files of one method."""

    method: str
    """Its name, for messages."""
    key: str
    """The only key of the metadata, so that the same weights give the same file."""

    def write(self, path: Path, adapters: Adapters, as_bytes: bool) -> None:
        """Write parts, as float16 or matrices as bytes; the file appears whole or not at all."""
        about = {"base": adapters.base, "shape": dict(adapters.shape), "config": dict(adapters.config)}
        header = json.dumps(about)
        flat = {f"{part}/{name}": value for part, state in adapters.state.items() for name, value in state.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        with written_atomically(path) as partial, writing(path):
            partial.write_bytes(save(to_bytes(flat, None if as_bytes else ()), {self.key: header}))

    def parameter_count(self, path: Path) -> int:
        """Numbers in a file of `write`, from its header alone; raises `ModelError` where it is something else."""
        try:
            with safe_open(path, "pt") as file:
                names = [name for name in file.keys() if not name.endswith(SCALE)]  # noqa: SIM118 (not a mapping)
                return sum(prod(file.get_slice(name).get_shape()) for name in names)
        except (SafetensorError, OSError) as error:
            raise self._strange(path) from error

    def read(self, path: Path) -> Adapters:
        """Read what `write` wrote, float32.

        Raises:
            ModelError: the file is missing, broken, or something else.
        """
        try:
            with safe_open(path, "pt") as file:
                header = json.loads((file.metadata() or {})[self.key])
            flat = from_bytes(load_file(path))
            state: dict[str, dict[str, Tensor]] = {}
            for name, value in flat.items():
                part, _, rest = name.partition("/")
                state.setdefault(part, {})[rest] = value
            adapters = Adapters(header["base"], header["shape"], header["config"], state)
        except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
            raise self._strange(path) from error
        if not all(value.isfinite().all() for value in flat.values()):
            raise ModelError(f"{str(path)!r} holds weights that are no numbers; train or fetch them anew.")
        return adapters

    def _strange(self, path: Path) -> ModelError:
        return ModelError(f"{str(path)!r} does not hold adapters of {self.method}; train or fetch them anew.")


def shape_of(transformer: WanTransformer3DModel) -> dict[str, int]:
    """What adapters depend on."""
    names = ("num_layers", "num_attention_heads", "attention_head_dim", "ffn_dim", "in_channels", "text_dim")
    return {name: transformer.config[name] for name in names}


def check_base(path: Path, found: Adapters, base: str, transformer: WanTransformer3DModel) -> None:
    """Raise `ModelError` where adapters were made for another base."""
    shape = shape_of(transformer)
    if (found.base, found.shape) != (base, shape):
        differing = {key: value for key, value in found.shape.items() if value != shape.get(key)}
        raise ModelError(
            f"{str(path)!r} holds adapters of the base {found.base!r}{differing or ''}, not of {base!r}; "
            f"take those made for it."
        )
