"""Recipe of the named styles: the codes of public-domain paintings, and a picture of the demo scene in each.

Run: `impasto train styles`, after a new encoder (the codes) or a new `swift` (the previews). The paintings are listed
in namedstyles.tsv: CC0 or public domain only, chosen to differ in palette, texture and period.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file

from impasto.guidance import Guidance, Style
from impasto.scenes.demo import demo_scene
from impasto.scenes.scene import picture
from impasto.stylizers.feedforward.styles import PREVIEWS, STYLES, NamedStyle, named_styles
from impasto.stylizers.feedforward.swift import Swift, picture_code
from impasto.stylizers.memoryshot import MemoryShot
from impasto.weights.paths import EMBEDDED, assets_dir

TABLE = Path(__file__).with_name("namedstyles.tsv")
LICENCES = ("CC0 (Art Institute of Chicago)", "CC0 (The Met)", "public domain")
PREVIEW_SIZE = (240, 135)
PREVIEW_BYTES = 12_000
PREVIEW_TIME = 3.0
"""Seconds into the demo scene."""


@dataclass(frozen=True)
class Progress:
    done: int
    total: int
    name: str
    """What was made."""


@dataclass(frozen=True)
class Painting:
    style: NamedStyle
    file: Path


def paintings() -> list[Painting]:
    """The rows of the table; `file` may be missing where the data folder is."""
    with TABLE.open(encoding="utf-8", newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    folder = assets_dir() / "styles"
    return [Painting(file=folder / row.pop("file"), style=NamedStyle(**row)) for row in rows]


def make_named_styles(output: Path = EMBEDDED / STYLES) -> Iterator[Progress]:
    """Encode every painting with the embedded encoder and write the codes; the file appears whole or not at all."""
    rows, codes = paintings(), []
    for number, painting in enumerate(rows, 1):
        codes.append(picture_code(painting.file))
        yield Progress(number, len(rows), painting.style.name)
    tensors = {
        "statistics": torch.stack([code.statistics for code in codes]).half(),
        "means": torch.stack([code.colors.mean for code in codes]),
        "covariances": torch.stack([code.colors.covariance for code in codes]),
    }
    partial = output.with_suffix(".part")
    save_file(tensors, partial, metadata={"styles": json.dumps([asdict(row.style) for row in rows])})
    partial.replace(output)
    named_styles.cache_clear()


def preview_jpeg(rgb: NDArray[np.uint8]) -> bytes:
    """A JPEG of at most `PREVIEW_BYTES`, as good as fits."""

    def encoded(quality: int) -> bytes:
        data = BytesIO()
        Image.fromarray(rgb).save(data, "JPEG", quality=quality, optimize=True)
        return data.getvalue()

    attempts = (encoded(quality) for quality in range(90, 10, -4))
    return next((data for data in attempts if len(data) <= PREVIEW_BYTES), encoded(10))


def make_previews(folder: Path = EMBEDDED / PREVIEWS) -> Iterator[Progress]:
    """Repaint one frame of the demo scene in every named style, preset draft."""
    frame = picture(demo_scene(), PREVIEW_TIME)
    folder.mkdir(exist_ok=True)
    names = list(named_styles())
    for stale in {path.stem for path in folder.glob("*.jpg")} - set(names):
        (folder / f"{stale}.jpg").unlink()
    for number, name in enumerate(names, 1):
        stylizer = Swift("draft")
        stylizer.prepare(Guidance(styles=(Style(name=name),)), MemoryShot([frame]), lambda share: None)
        (painted,) = stylizer.stylize([frame], {})
        small = cv2.resize(painted, PREVIEW_SIZE, interpolation=cv2.INTER_AREA)
        (folder / f"{name}.jpg").write_bytes(preview_jpeg((small * 255).round().astype(np.uint8)))
        yield Progress(number, len(names), f"preview of {name}")


def make_all() -> Iterator[Progress]:
    """The codes, then the previews that are painted with them."""
    yield from make_named_styles()
    yield from make_previews()
