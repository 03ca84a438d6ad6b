"""The pictures of the README: clips that may be shown, repainted in named styles. Run: `impasto train pictures`."""

from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np

from impasto.errors import InputError
from impasto.guidance import Guidance, Style
from impasto.scenes.demo import demo_scene
from impasto.scenes.scene import picture
from impasto.stylizers.base import FrameArray
from impasto.stylizers.feedforward.styles import named_styles
from impasto.stylizers.feedforward.swift import Swift
from impasto.stylizers.memoryshot import MemoryShot
from impasto.training.namedstyles import Progress
from impasto.weights.paths import assets_dir

OUTPUT = Path("docs/pictures")
CLIPS = (
    "davis_bmx-trees",
    "davis_dance-twirl",
    "davis_horsejump-high",
    "davis_soapbox",
    "sintel_mountain_2",
    "bbb_cutbunny_audio",
)
STYLES = (
    "monet-water-lilies",
    "van-gogh-wheat-field",
    "matisse-dance",
    "kandinsky-composition-viii",
    "aivazovsky-ninth-wave",
    "klimt-kiss",
)
ROW = 150
"""Height of a tile of the contact sheet, pixels."""


def frame_of(clip: str, number: int = 12) -> FrameArray:
    path = assets_dir() / "eval" / "videos" / f"{clip}.mp4"
    if not path.is_file():
        raise InputError(f"The clip {path} is missing; set IMPASTO_ASSETS (see docs/data.md).")
    with av.open(str(path)) as container:
        frames = (frame for i, frame in enumerate(container.decode(video=0)) if i == number)
        return next(frames).to_ndarray(format="rgb24").astype(np.float32) / np.float32(255)


def repainted(frame: FrameArray, style: str) -> FrameArray:
    stylizer = Swift("draft")
    stylizer.prepare(Guidance(styles=(Style(name=style),)), MemoryShot([frame]), lambda share: None)
    return next(stylizer.stylize([frame], {}))


def save(path: Path, rows: list[list[FrameArray]]) -> None:
    """Rows of tiles with a thin white seam between them."""
    padded = [[np.pad(tile, ((2, 2), (2, 2), (0, 0)), constant_values=1) for tile in row] for row in rows]
    lines = [np.concatenate(row, 1) for row in padded]
    width = max(line.shape[1] for line in lines)
    whole = [np.pad(x, ((0, 0), (0, width - x.shape[1]), (0, 0)), constant_values=1) for x in lines]
    pixels = (np.concatenate(whole) * 255).round().astype(np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), pixels[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88])


def tile(frame: FrameArray) -> FrameArray:
    """The frame at the height of a row, cut to 16:9 in the middle."""
    width = round(ROW * 16 / 9)
    ratio = max(ROW / frame.shape[0], width / frame.shape[1])
    size = round(frame.shape[1] * ratio), round(frame.shape[0] * ratio)
    fitted = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    x, y = (fitted.shape[1] - width) // 2, (fitted.shape[0] - ROW) // 2
    return np.clip(fitted[y : y + ROW, x : x + width], 0, 1)


def make_pictures() -> Iterator[Progress]:
    """`demo.jpg`, the scene of this project beside three repaintings; `contact-sheet.jpg`, clips and styles."""
    sources = [frame_of(clip) for clip in CLIPS]
    scene = picture(demo_scene(), 3.0)
    titles = named_styles()
    shown = [repainted(scene, style) for style in STYLES[:3]]
    save(OUTPUT / "demo.jpg", [[scene, shown[0]], shown[1:]])
    rows, total = [], len(CLIPS) * len(STYLES)
    for clip, frame in zip(CLIPS, sources, strict=True):
        row = []
        for style in STYLES:
            row.append(tile(repainted(frame, style)))
            yield Progress(len(rows) * len(STYLES) + len(row), total, f"{clip}, {titles[style].title}")
        rows.append([tile(frame), *row])
    save(OUTPUT / "contact-sheet.jpg", rows)
