"""A clip at a glance: source and output at a few moments, and what the output was to follow."""

import io
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from impasto.evaluation.running.clip import Clip
from impasto.video.pictures import read_style_picture
from impasto.video.types import Picture

MOMENTS = 6
SIDE = 320
"""Longest side of a picture, in pixels."""


@dataclass(frozen=True, kw_only=True)
class Tile:
    label: str
    data: str
    """A data URI of a JPEG."""


@dataclass(frozen=True, kw_only=True)
class Strip:
    """Pictures in a row."""

    title: str
    tiles: Sequence[Tile]


def contact_sheet(clip: Clip) -> list[Strip]:
    """The strips of a clip: source, output, and the pictures that it was to follow."""
    count = min(MOMENTS, clip.frames)
    numbers = [(2 * moment + 1) * clip.frames // (2 * count) for moment in range(count)]
    labels = [f"{clip.times[number]:.1f} s" for number in numbers]
    moments = [clip.pictures(number) for number in numbers]
    strips = [_strip("Output", labels, [output for output, _ in moments])]
    if sources := [source for _, source in moments if source is not None]:
        strips.insert(0, _strip("Source", labels, sources))
    comparison = clip.comparison
    for title, paths in (("Style", comparison.styles), ("First frame", (comparison.first_frame,))):
        if given := [path for path in paths if path]:
            strips.append(_strip(title, [path.name for path in given], [read_style_picture(path) for path in given]))
    return strips


def _strip(title: str, labels: Sequence[str], pictures: Sequence[Picture]) -> Strip:
    tiles = [Tile(label=label, data=_data_uri(each)) for label, each in zip(labels, pictures, strict=True)]
    return Strip(title=title, tiles=tiles)


def _data_uri(rgb: Picture) -> str:
    picture, file = Image.fromarray(rgb), io.BytesIO()
    picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    picture.save(file, "JPEG", quality=82)
    return f"data:image/jpeg;base64,{b64encode(file.getvalue()).decode()}"
