"""Contact sheets: pairs at a glance, a row each."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from impasto.curation.item import Record, sample_file
from impasto.curation.sample import RAW, STYLIZED, decoded, picture_of, read_members
from impasto.job.labels import BACKGROUND, draw_label
from impasto.video.files import remove
from impasto.video.pictures import write_picture

ROWS = 24
"""At most, spread evenly over all pairs."""
TILE = 160, 96
"""(width, height) of a picture, pixels."""
LABEL = 20
COLUMNS = 8
"""First, middle and last frame of each side; two style pictures."""


def write_sheet(path: Path, items: Path, records: Sequence[Record]) -> None:
    """Write a sheet of pairs that were made, with their scores and what drops them; no sheet where there are none.

    Raises:
        UnreadableInput: a sample cannot be read.
        OutputProblem, ResourceError: the sheet cannot be written.
    """
    count = min(ROWS, len(records))
    if not count:
        remove(path)  # that of an earlier run
    else:
        chosen = [records[number * len(records) // count] for number in range(count)]
        write_picture(path, np.concatenate([_row(sample_file(items, each["key"]), each) for each in chosen]))


def _row(sample: Path, record: Record) -> np.ndarray:
    members = dict(read_members(sample))
    tiles = []
    for side in (RAW, STYLIZED):
        frames = decoded(members[side])
        tiles += [frames[number] for number in (0, len(frames) // 2, len(frames) - 1)]
    tiles += [
        picture_of(members[f"style{number}.png"])
        for number in range(COLUMNS - len(tiles))
        if f"style{number}.png" in members
    ]
    scores = "  ".join(
        f"{name} {record['scores'][name]:.2f}" for name in ("csd", "structure", "flicker", "agreement", "leak")
    )
    dropped = f"  DROPPED: {', '.join(record['dropped_by'])}" if record["dropped_by"] else ""
    width = COLUMNS * TILE[0]
    pictures = np.concatenate([_fit(tile) for tile in tiles], 1)
    pictures = np.pad(pictures, ((0, 0), (0, width - pictures.shape[1]), (0, 0)), constant_values=BACKGROUND[0])
    return np.concatenate([draw_label(f"{record['key']}  {scores}{dropped}", width, LABEL), pictures])


def _fit(rgb: np.ndarray) -> np.ndarray:
    width, height = TILE
    scale = min(width / rgb.shape[1], height / rgb.shape[0])
    size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
    tile = np.full((height, width, 3), BACKGROUND[0], np.uint8)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    tile[top : top + size[1], left : left + size[0]] = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return tile
