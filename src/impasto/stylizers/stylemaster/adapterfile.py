"""Parts of StyleMaster as a file, which knows the base that they were made for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from impasto.errors import ModelError
from impasto.video.files import writing, written_atomically
from impasto.weights.rows import from_bytes, to_bytes

FORMAT = "impasto stylemaster 1"
"""The only key of the metadata, so that the same weights give the same file."""


@dataclass(frozen=True)
class Adapters:
    base: str
    """The name of the base."""
    shape: Mapping[str, int]
    """Its sizes, as its config names them."""
    state: Mapping[str, Mapping[str, Tensor]]
    """Weights by part and name."""


def write_adapters(path: Path, adapters: Adapters, as_bytes: bool) -> None:
    """Write parts, as float16 or matrices as bytes; the file appears whole or not at all."""
    header = json.dumps({"base": adapters.base, "shape": dict(adapters.shape)})
    flat = {f"{part}/{name}": value for part, state in adapters.state.items() for name, value in state.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_atomically(path) as partial, writing(path):
        partial.write_bytes(save(to_bytes(flat, None if as_bytes else ()), {FORMAT: header}))


def read_adapters(path: Path) -> Adapters:
    """Read what `write_adapters` wrote, float32.

    Raises:
        ModelError: the file is missing, broken, or something else.
    """
    try:
        with safe_open(path, "pt") as file:
            header = json.loads((file.metadata() or {})[FORMAT])
        flat = from_bytes(load_file(path))
        state: dict[str, dict[str, Tensor]] = {}
        for name, value in flat.items():
            part, _, rest = name.partition("/")
            state.setdefault(part, {})[rest] = value
        adapters = Adapters(header["base"], header["shape"], state)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{str(path)!r} does not hold adapters of StyleMaster; train or fetch them anew.") from error
    if not all(value.isfinite().all() for value in flat.values()):
        raise ModelError(f"{str(path)!r} holds weights that are no numbers; train or fetch them anew.")
    return adapters
