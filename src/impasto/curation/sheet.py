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
from impasto.video.types import Picture

ROWS = 24
"""At most, spread evenly over all pairs."""
TILE = 160, 96
"""(width, height) of a picture, pixels."""
LABEL, GAP = 20, 8
GROUPS = (("raw: first, middle and last frame", 3), ("stylized", 3), ("style pictures", 2))
"""Of a row, with how many pictures each has."""


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
        heading = _joined([draw_label(text, columns * TILE[0], LABEL) for text, columns in GROUPS])
        write_picture(
            path, np.concatenate([heading, *(_row(sample_file(items, each["key"]), each) for each in chosen)])
        )


def _row(sample: Path, record: Record) -> np.ndarray:
    members = dict(read_members(sample))
    groups: list[list[Picture]] = []
    for side in (RAW, STYLIZED):
        frames = decoded(members[side])
        groups.append([frames[number] for number in (0, len(frames) // 2, len(frames) - 1)])
    groups.append([picture_of(data) for name, data in sorted(members.items()) if name.startswith("style")])
    pictures = _joined([_strip(group, columns) for group, (_, columns) in zip(groups, GROUPS, strict=True)])
    scores = "  ".join(
        f"{name} {record['scores'][name]:.2f}" for name in ("csd", "structure", "flicker", "agreement", "leak")
    )
    dropped = f"  DROPPED: {', '.join(record['dropped_by'])}" if record["dropped_by"] else ""
    return np.concatenate([draw_label(f"{record['key']}  {scores}{dropped}", pictures.shape[1], LABEL), pictures])


def _strip(pictures: Sequence[Picture], columns: int) -> Picture:
    """So many of them side by side, with room for those that there are not."""
    tiles = np.concatenate([_fit(picture) for picture in pictures[:columns]], 1)
    return np.pad(tiles, ((0, 0), (0, columns * TILE[0] - tiles.shape[1]), (0, 0)), constant_values=BACKGROUND[0])


def _joined(strips: Sequence[Picture]) -> Picture:
    gap = np.full((strips[0].shape[0], GAP, 3), BACKGROUND[0], np.uint8)
    return np.concatenate([strips[0], *(part for strip in strips[1:] for part in (gap, strip))], 1)


def _fit(rgb: np.ndarray) -> np.ndarray:
    width, height = TILE
    scale = min(width / rgb.shape[1], height / rgb.shape[0])
    size = max(1, round(rgb.shape[1] * scale)), max(1, round(rgb.shape[0] * scale))
    tile = np.full((height, width, 3), BACKGROUND[0], np.uint8)
    top, left = (height - size[1]) // 2, (width - size[0]) // 2
    tile[top : top + size[1], left : left + size[0]] = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
    return tile
