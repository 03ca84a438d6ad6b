"""What lies beside a file and says more of it: its caption and its licence.

`NAME.txt` beside `NAME.mp4` holds its caption; a line of `clips.jsonl` or `captions.jsonl` in the folder, with the
`file` it is about, may have `caption`, `license` and whatever else.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from impasto.errors import UnreadableInput

LISTS = ("clips.jsonl", "captions.jsonl")
UNKNOWN = "unknown"


def words_beside(path: Path) -> str | None:
    """The caption of a file, where there is one; raises `UnreadableInput` where it cannot be read."""
    text = path.with_suffix(".txt")
    try:
        if text.is_file():
            return text.read_text(encoding="utf-8").strip() or None
    except (OSError, ValueError) as error:
        raise UnreadableInput(f"The caption {str(text)!r} cannot be read: {error}.") from error
    return row_beside(path).get("caption") or None


def licence_beside(path: Path) -> str:
    """The licence of a file, or that it is unknown; raises `UnreadableInput` where a list cannot be read."""
    row = row_beside(path)
    return row.get("license") or row.get("licence") or UNKNOWN


def row_beside(path: Path) -> dict[str, Any]:
    """All that the lists of its folder say of a file; raises `UnreadableInput` where one cannot be read."""
    return _rows(path.parent).get(path.name, {})


@cache
def _rows(folder: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for file in (folder / name for name in LISTS):
        if not file.is_file():
            continue
        try:
            for line in file.read_text(encoding="utf-8").splitlines():
                if line.strip():
                    row = json.loads(line)
                    # A list may have been moved away from the folder that its names begin with.
                    found.setdefault(Path(row["file"]).name, {}).update(row)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnreadableInput(f"{str(file)!r} is no list of JSON objects with a 'file' each: {error!r}.") from error
    return found
