"""The words that `clip-nano` hears of a picture; of those of a picture any is true, and one is drawn at a time."""

import csv
import json
import re
from pathlib import Path
from typing import Any

from impasto.errors import InputError
from impasto.training.csdpictures import artist_name
from impasto.weights.paths import assets_dir

FOOTAGE = Path(__file__).with_name("clipfootage.tsv")
"""What the clips of the data folder show, written down for this."""


def without_artist(row: dict[str, Any]) -> str:
    """The caption of a painting, and not who painted it."""
    return row["caption"].replace(f" by {row.get('artist')}", "")


def painting_texts(row: dict[str, Any]) -> tuple[str, ...]:
    """Parts of a museum's caption, and all of it; none where there is but a number."""
    artist, title = artist_name(row), row["title"]
    kinds = [row[key].lower() for key in ("movement", "medium") if row.get(key)]
    texts = [title, row["caption"], without_artist(row), *kinds, ", ".join(kinds), f"{title}, {', '.join(kinds)}"]
    texts += [artist, f"a painting by {artist}", f"in the style of {artist}"] if artist else []
    return tuple(dict.fromkeys(text for text in texts if re.search("[a-z]{3}", text)))


def photo_texts(label: str) -> tuple[str, ...]:
    return f"a photo of {_one(label)}", label


def drawn_texts(kind: str, label: str) -> tuple[str, ...]:
    """Of a photo, redrawn in a style that is made by code."""
    words = kind.replace("-", " ")
    return words, f"{words} of {_one(label)}", f"{_one(label)}, {words}", f"{_one(label)} in the style of {words}"


def photo_labels() -> dict[str, str]:
    """What photos show, by the name of the file; raises `InputError` where it is missing."""
    path = assets_dir() / "photos" / "labels.jsonl"
    if not path.is_file():
        raise InputError(f"The words for the photos are missing: {path}; set IMPASTO_ASSETS (see docs/data.md).")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {Path(row["file"]).stem: row["label"] for row in rows if row.get("label")}


def footage_captions() -> dict[str, str]:
    """What real clips show, by the name of the file."""
    with FOOTAGE.open(encoding="utf-8", newline="") as table:
        return {row["file"]: row["caption"] for row in csv.DictReader(table, delimiter="\t")}


def _one(noun: str) -> str:
    return f"{'an' if noun[0].lower() in 'aeiou' else 'a'} {noun}"
