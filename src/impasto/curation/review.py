"""People decide: a page that shows pairs one by one, and the file of verdicts that it saves.

The page is one file of HTML beside a folder of moving pictures; nothing in it comes from elsewhere.
"""

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from impasto.curation.item import Record, sample_file
from impasto.curation.sample import RAW, STYLIZED, decoded, picture_of, read_members
from impasto.errors import UnreadableInput
from impasto.evaluation.textfiles import write_json, write_text
from impasto.video.files import writing, written_atomically

FORMAT = "curation-notes 1"
PAGE, MEDIA, VERDICTS = "review.html", "review", "review.json"
_PARTS = Path(__file__).with_name("page")
HEIGHT = 288
"""Of a moving picture on the page, pixels, at most."""


@dataclass(frozen=True)
class Verdict:
    keep: bool
    note: str = ""


def read_notes(path: Path) -> dict[str, Verdict]:
    """Verdicts by key, from a file that the page saved; raises `UnreadableInput` where it is none."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["format"] != FORMAT:
            raise ValueError(f"its format is {told['format']!r}, not {FORMAT!r}")
        return {str(key): Verdict(bool(each["keep"]), str(each.get("note", ""))) for key, each in told["notes"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnreadableInput(f"{str(path)!r} holds no verdicts of the review page: {error}.") from error


def verdicts_in(folder: Path) -> dict[str, Verdict]:
    """All verdicts so far; raises `UnreadableInput` where they cannot be read."""
    path = folder / VERDICTS
    return read_notes(path) if path.exists() else {}


def add_verdicts(folder: Path, added: Mapping[str, Verdict]) -> None:
    """Write verdicts beside those before; the later one on a pair holds."""
    notes = verdicts_in(folder) | dict(added)
    write_json(folder / VERDICTS, {"format": FORMAT, "notes": {key: asdict(notes[key]) for key in sorted(notes)}})


def write_page(folder: Path, items: Path, records: Sequence[Record]) -> None:
    """Write the page for these pairs, and the moving pictures that are not there yet.

    Raises:
        UnreadableInput: a sample cannot be read.
        OutputProblem, ResourceError: something cannot be written.
    """
    with writing(folder / MEDIA):
        (folder / MEDIA).mkdir(exist_ok=True)
    for record in records:
        path = folder / MEDIA / f"{record['key']}.webp"
        if not path.exists():
            data = _moving(sample_file(items, record["key"]), record["fps"])
            with written_atomically(path) as temporary, writing(path):
                temporary.write_bytes(data)
    shown = [
        {name: record[name] for name in ("key", "route", "style", "caption_styled", "caption", "scores")}
        for record in records
    ]
    data = {"format": FORMAT, "set": folder.absolute().name, "pairs": shown, "notes": _plain(verdicts_in(folder))}
    page, style, program = ((_PARTS / name).read_text("utf-8") for name in ("index.html", "page.css", "page.js"))
    embedded = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    for mark, text in (("/* style */", style), ("/* program */", program), ("/* pairs */", embedded)):
        page = page.replace(mark, text)
    write_text(folder / PAGE, page)


def _plain(verdicts: Mapping[str, Verdict]) -> dict[str, Any]:
    return {key: asdict(verdict) for key, verdict in verdicts.items()}


def _moving(path: Path, fps: int) -> bytes:
    """Raw and stylized side by side, style pictures below them, as an animated WebP."""
    members = dict(read_members(path))
    raw, stylized = decoded(members[RAW]), decoded(members[STYLIZED])
    pictures = [
        picture_of(data) for name, data in sorted(members.items()) if name.startswith("style") and name.endswith("png")
    ]
    height = min(HEIGHT, raw.shape[1])
    frames = [np.concatenate([_tall(each, height) for each in sides], 1) for sides in zip(raw, stylized, strict=True)]
    row = _row(pictures, frames[0].shape[1], height // 2)
    images = [Image.fromarray(np.concatenate([frame, row])) for frame in frames]
    file = io.BytesIO()
    images[0].save(
        file, "WEBP", save_all=True, append_images=images[1:], duration=round(1000 / fps), loop=0, quality=80, method=0
    )
    return file.getvalue()


def _tall(rgb: np.ndarray, height: int) -> np.ndarray:
    width = max(1, round(rgb.shape[1] * height / rgb.shape[0]))
    return np.asarray(cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _row(pictures: Sequence[np.ndarray], width: int, height: int) -> np.ndarray:
    row = np.full((height, width, 3), 58, np.uint8)
    left = 0
    for tile in (_tall(picture, height) for picture in pictures):
        if left + tile.shape[1] <= width:
            row[:, left : left + tile.shape[1]] = tile
            left += tile.shape[1]
    return row
