"""Texts that appear whole or not at all."""

import json
from pathlib import Path
from typing import Any

from impasto.job.plain import plain
from impasto.video.files import writing, written_atomically


def write_text(path: Path, text: str) -> None:
    """Write a text in UTF-8; its folder is made where it is missing.

    Raises:
        OutputProblem: it cannot be written.
        ResourceError: the disk is full.
    """
    with writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
    with written_atomically(path) as partial, writing(path):
        partial.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write a value, dataclasses too, as JSON; raises as `write_text` does."""
    write_text(path, json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
