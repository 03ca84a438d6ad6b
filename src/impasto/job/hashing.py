"""Hashes that say whether two inputs are the same."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from impasto.guidance import Guidance
from impasto.job.request import Request
from impasto.stylizers.base import Model
from impasto.stylizers.registry import find_model
from impasto.video.blank import Canvas
from impasto.video.picturefolder import pictures_in
from impasto.weights.paths import weights_file


@dataclass(frozen=True, kw_only=True)
class Hashes:
    """SHA-256 of everything that a run reads."""

    input: str | None
    """None where it makes something from nothing."""
    pictures: dict[str, str]
    """By path."""
    weights: dict[str, str]
    """By file name; of published networks, by repository, the revision: hashing tens of gigabytes takes as long as a
    clip."""


def hashes_of(request: Request) -> Hashes:
    """Read every file of a request to its end."""
    return Hashes(
        input=None if isinstance(request.source, Canvas) else sha256_of(request.source),
        pictures={str(path): sha256_of(path) for path, _ in request.pictures},
        weights=hashes_of_weights(find_model(request.model), request.guidance),
    )


def hashes_of_weights(
    model: Model,
    guidance: Guidance = Guidance(),  # noqa: B008 (frozen)
) -> dict[str, str]:
    """See `Hashes.weights`."""
    published = {hub.repository: hub.revision or "main" for hub in model.published(guidance)}
    return {name: sha256_of(weights_file(name)) for name in model.weights} | published


def sha256_of(path: Path) -> str:
    """Of a file's bytes; of a folder or numbered pattern, of the names and bytes of its pictures."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    together = hashlib.sha256()
    for picture in pictures_in(path):
        together.update(f"{picture.name}\0{sha256_of(picture)}\n".encode())
    return together.hexdigest()
