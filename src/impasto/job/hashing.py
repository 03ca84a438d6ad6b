"""Hashes that say whether two inputs are the same."""

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Of a file's bytes; of a folder, or a numbered pattern's folder, the names and bytes of its files."""
    if path.is_file():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    folder = path if path.is_dir() else path.parent
    together = hashlib.sha256()
    for file in sorted(file for file in folder.iterdir() if file.is_file()):
        together.update(f"{file.name}\0{sha256_of(file)}\n".encode())
    return together.hexdigest()
