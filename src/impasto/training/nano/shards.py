"""Files of the cache that hold some items each: written once, read in part, carried elsewhere as they are.

Items are shuffled before they are spread over shards, so that any of the shards are a fair sample of all.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor

from impasto.errors import InputError
from impasto.video.files import writing, written_atomically
from impasto.weights.paths import cache_dir

Part = Literal["train", "held"]
"""What is learned from, and what is held back to see what is learned by heart."""
FORMAT = "impasto nano shard 1"
"""The only key of the metadata, so that the same items give the same file."""


def shard_folder(name: str) -> Path:
    """The folder `training/NAME` of the cache; not made yet."""
    return cache_dir() / "training" / name


def shard_files(folder: Path, part: Part, recipe: str) -> list[Path]:
    """All shards of a part, by name.

    Raises:
        InputError: there are none (says which recipe makes them).
    """
    files = sorted(folder.glob(f"*-{part}-*.safetensors"))
    if not files:
        raise InputError(f"Nothing to learn from in {str(folder)!r}; make it first with `impasto train {recipe}`.")
    return files


def write_shard(path: Path, tensors: Mapping[str, Tensor], notes: Mapping[str, Any]) -> None:
    """Write tensors, and what is to be known of each item as JSON; the file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_atomically(path) as temporary, writing(path):
        temporary.write_bytes(save(dict(tensors), {FORMAT: json.dumps(notes)}))


def read_notes(path: Path) -> dict[str, Any]:
    """What is known of each item of a shard, by its name, in the order in which they were written."""
    with safe_open(path, "pt") as file:
        return json.loads(file.metadata()[FORMAT])


def content_key(files: Sequence[Path], *settings: Any) -> str:
    """Eight characters that change with the content of files and with settings."""
    key = hashlib.sha256(repr(settings).encode())
    for file in files:
        key.update(file.read_bytes())
    return key.hexdigest()[:8]
