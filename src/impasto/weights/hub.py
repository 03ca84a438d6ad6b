"""Weights of published networks: which files they are, where they are looked for, what to do where they are missing.

`folder` never downloads; `fetched` does, unless `IMPASTO_OFFLINE=1`.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from impasto.errors import ModelError


@dataclass(frozen=True)
class HubFile:
    name: str
    size: int
    """Bytes; approximate, for messages."""


@dataclass(frozen=True, kw_only=True)
class HubModel:
    """A published network; only its safetensors, configuration and vocabulary are ever read."""

    repository: str
    """`owner/name` on huggingface.co."""
    files: tuple[HubFile, ...]
    licence: str
    revision: str | None = None
    """The commit that has these files; None where they must be converted first."""
    conversion: str = ""
    """How the files are made, where the repository has none that may be loaded; follows a comma."""


def folder(model: HubModel) -> Path:
    """The folder with all files of a model: of its name in `IMPASTO_WEIGHTS_DIR`, else in the hub's cache.

    Nothing is downloaded.

    Raises:
        ModelError: a file is missing from both (says all that are wanted, their sizes, and how to get them).
    """
    found = _local(model) or _cached(model)
    if not found:
        raise ModelError(_wanted(model))
    return found


def fetched(model: HubModel) -> Path:
    """The folder with all files of a model, as `folder` finds it; fetches them where they are missing.

    Raises:
        ModelError: files are missing and may not or cannot be fetched (says which, their sizes, where to put them).
    """
    if not bytes_to_fetch(model):
        return folder(model)
    try:
        from huggingface_hub import snapshot_download

        names = [file.name for file in model.files]
        return Path(snapshot_download(model.repository, revision=model.revision, allow_patterns=names))
    except Exception as error:  # of the hub and of the network, in many trees
        reason = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        raise ModelError(f"{_wanted(model)} The hub could not be reached ({reason}).") from error


def bytes_to_fetch(model: HubModel) -> int:
    """How much `fetched` would download, about.

    Raises:
        ModelError: files are missing and may not be fetched.
    """
    try:
        folder(model)
    except ModelError:
        if os.environ.get("IMPASTO_OFFLINE") == "1" or model.conversion:
            raise
        return sum(file.size for file in model.files)
    return 0


def _name(model: HubModel) -> str:
    return model.repository.rpartition("/")[2]


def _local(model: HubModel) -> Path | None:
    weights = os.environ.get("IMPASTO_WEIGHTS_DIR")
    if not weights:
        return None
    place = Path(weights) / _name(model)
    return place if all((place / file.name).is_file() for file in model.files) else None


def _cached(model: HubModel) -> Path | None:
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return None
    paths = [try_to_load_from_cache(model.repository, file.name, revision=model.revision) for file in model.files]
    return Path(str(paths[0])).parent if all(isinstance(path, str) for path in paths) else None


def _wanted(model: HubModel) -> str:
    files = " and ".join(f"{file.name} (about {_readable(file.size)})" for file in model.files)
    place = Path(os.environ.get("IMPASTO_WEIGHTS_DIR") or "$IMPASTO_WEIGHTS_DIR") / _name(model)
    wanted = f"The weights of {model.repository} ({model.licence}) are missing: put {files} into {place}"
    if model.conversion:
        return f"{wanted}, {model.conversion}."
    names = " ".join(file.name for file in model.files)
    command = f"hf download {model.repository} {names}" + (f" --revision {model.revision}" if model.revision else "")
    return f"{wanted}, or fetch them once with `{command}`."


def _readable(size: int) -> str:
    for unit, scale in (("GB", 1e9), ("MB", 1e6)):
        if size >= scale:
            return f"{size / scale:.2g} {unit}" if size < 10 * scale else f"{size / scale:.0f} {unit}"
    return f"{max(1, round(size / 1e3))} kB"
