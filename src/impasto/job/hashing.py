"""Hashes that say whether two inputs are the same."""

import hashlib
from pathlib import Path

from impasto.video.picturefolder import pictures_in


def sha256_of(path: Path) -> str:
    """Of a file's bytes; of a folder or numbered pattern, of the names and bytes of its pictures."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    together = hashlib.sha256()
    for picture in pictures_in(path):
        together.update(f"{picture.name}\0{sha256_of(picture)}\n".encode())
    return together.hexdigest()
