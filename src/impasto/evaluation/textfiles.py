"""Texts that appear whole or not at all, and tables in them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from impasto.job.plain import plain
from impasto.video.files import writing, written_atomically

NOT_MEASURED = "not measured"


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


def markdown_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Lines of a table in Markdown."""
    lines = [titles, ["---"] * len(titles), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |" for cells in lines]
