"""The pictures of docs/methods.md, painted by Impasto itself. Run: `python -m tools.pictures [NAME]...`.

Only clips and paintings that may be shown (docs/credits.md); they are found in the data folder (docs/data.md).
"""

import csv
import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import cv2
import numpy as np
import torch

import impasto
from impasto.color.transport import color_statistics, transport
from impasto.errors import InputError
from impasto.job.mosaic import Mosaic
from impasto.job.pixels import to_bytes, to_float
from impasto.video.pictures import read_picture, read_style_picture, write_picture
from impasto.video.source import open_source
from impasto.video.types import Picture
from impasto.weights.paths import assets_dir

ROOT = Path(__file__).parents[1]
OUTPUT = ROOT / "docs" / "pictures"
CLIP = "davis_horsejump-high"
BUNNY = "bbb_cutbunny_audio"
DANCER = "davis_dance-twirl"
RATE = Fraction(24)
CELL = 320
"""Width of a cell, and of most that is painted, pixels."""

Cell = tuple[str, Picture]
"""A label and what it stands above."""


def methods(work: Path) -> Iterator[Cell]:
    """One frame by each family that needs no graphics card."""
    (frame,) = frames(CLIP, 20, 1)
    style = painting("bruegel-hunters-in-the-snow")
    yield "source", frame
    yield "style", read_style_picture(style)
    yield "colours of the style alone", colored(frame, read_style_picture(style))
    yield "gatys", still(work, frame, model="gatys", style=style)
    yield "swift, draft", still(work, frame, preset="draft", style=style)
    yield "swift, standard", still(work, frame, style=style)


def knobs(work: Path) -> Iterator[Cell]:
    """What the options do to one frame."""
    (frame,) = frames(BUNNY, 20, 1)
    options: dict[str, dict[str, Any]] = {
        "as it is": {},
        "--strength 0.5": {"strength": 0.5},
        "--structure 0.7": {"structure": 0.7},
        "--preserve-color": {"preserve_color": True},
        "--mask, right half": {"mask": right_half(work, frame)},
    }
    yield "source", frame
    for label, option in options.items():
        yield label, still(work, frame, preset="draft", style="van-gogh-cafe-terrace", **option)


def prompts(work: Path) -> Iterator[Cell]:
    """Styles in words."""
    (frame,) = frames(DANCER, 20, 1)
    yield "source", frame
    for prompt in ("stained glass", "pencil sketch on paper", "ukiyo-e woodblock print, indigo"):
        yield prompt, still(work, frame, preset="draft", prompt=prompt)
    yield "a dark Rembrandt portrait", still(work, frame, preset="draft", prompt="a dark Rembrandt portrait")
    mixed = "stained glass and klimt-kiss"
    yield mixed, still(work, frame, preset="draft", prompt="stained glass", style="klimt-kiss")


def firstframe(work: Path) -> Iterator[Cell]:
    """A painted first frame, and what follows it."""
    clip = frames(DANCER, 0, 36)
    painted = work / "painted.png"
    write_picture(painted, still(work, clip[0], model="gatys", style=painting("matisse-painters-family")))
    impasto.stylize(
        folder(work / "clip", clip), output=work / "followed", first_frame=painted, preset="draft", fps=RATE
    )
    followed = [frame.rgb for frame in open_source(work / "followed").frames()]
    for number in (0, 12, 35):
        yield f"source, frame {number + 1}", clip[number]
    yield "painted, frame 1", read_picture(painted)[0]
    for number in (12, 35):
        yield f"followed, frame {number + 1}", followed[number]


def flicker(work: Path) -> Iterator[Cell]:
    """One line of pixels over time, downwards: steady things leave lines, flicker leaves stripes across."""
    clip, style = frames(CLIP, 0, 40), "monet-water-lilies"
    apart = [painted for frame in clip for painted in impasto.stylize_frames([frame], style=style, preset="draft")]
    source = folder(work / "clip", clip)
    impasto.deflicker(folder(work / "apart", apart), guide=source, output=work / "steadied", fps=RATE)
    impasto.stylize(source, style=style, preset="draft", output=work / "whole", fps=RATE)
    yield "source", slice_of(clip)
    yield "frame by frame", slice_of(apart)
    yield "then deflicker", slice_of([frame.rgb for frame in open_source(work / "steadied").frames()])
    yield "swift, the clip as one", slice_of([frame.rgb for frame in open_source(work / "whole").frames()])


def dreamstyle(work: Path) -> Iterator[Cell]:
    """One clip and one seed, by a style picture, by a painted first frame and by a text."""
    style, painted, shown = painting("van-gogh-cafe-terrace"), work / "painted.png", "a woman dances in the street"
    clip = frames(DANCER, 0, 17)
    source = folder(work / "clip", clip)
    write_picture(painted, still(work, clip[0], model="gatys", style=style))
    ways: dict[str, dict[str, Any]] = {
        "by the style picture": {"prompt": shown, "style": style},
        "by the painted first frame": {"prompt": shown, "first_frame": painted},
        "by a text: pencil drawing": {"prompt": f"{shown}, pencil drawing"},
    }
    yield "source, frame 9", clip[8]
    yield "style picture", read_style_picture(style)
    yield "painted first frame", read_picture(painted)[0]
    for number, (label, way) in enumerate(ways.items()):
        output = work / f"way-{number}"
        impasto.stylize(source, output=output, model="dreamstyle-nano", fps=RATE, **way)
        yield label, next(frame.rgb for frame in islice(open_source(output).frames(), 8, None))


PICTURES: dict[str, tuple[Callable[[Path], Iterator[Cell]], int]] = {
    "methods": (methods, 3),
    "knobs": (knobs, 3),
    "prompts": (prompts, 3),
    "firstframe": (firstframe, 3),
    "flicker": (flicker, 2),
    "dreamstyle": (dreamstyle, 3),
}
"""What makes each, and its columns."""


def frames(clip: str, start: int, count: int) -> list[Picture]:
    """Frames of a clip that may be shown."""
    path = assets_dir() / "eval" / "videos" / f"{clip}.mp4"
    return [_of_width(frame.rgb) for frame in islice(open_source(path).frames(start), count)]


def _of_width(rgb: Picture) -> Picture:
    size = CELL, CELL * rgb.shape[0] // rgb.shape[1] // 2 * 2
    return cv2.resize(rgb, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def colored(frame: Picture, style: Picture) -> Picture:
    """The frame in the colours of the style, with nothing else of it."""
    pixels, wanted = (torch.from_numpy(to_float(each)).reshape(-1, 3) for each in (frame, style))
    matrix, offset = transport(color_statistics(pixels), color_statistics(wanted))
    return to_bytes((pixels @ matrix.T + offset).clamp(0, 1).reshape(frame.shape).numpy())


def painting(name: str) -> Path:
    """The picture that a named style was made from."""
    with (ROOT / "src/impasto/training/namedstyles.tsv").open(encoding="utf-8") as file:
        files = {row["name"]: row["file"] for row in csv.DictReader(file, delimiter="\t")}
    return assets_dir() / "styles" / files[name]


def still(work: Path, frame: Picture, **options: Any) -> Picture:
    """One frame repainted."""
    write_picture(work / "in.png", frame)
    impasto.stylize(work / "in.png", output=work / "out.png", overwrite=True, **options)
    return read_picture(work / "out.png")[0]


def folder(path: Path, pictures: list[Picture]) -> Path:
    """The frames as files."""
    path.mkdir()
    for number, picture in enumerate(pictures):
        write_picture(path / f"{number:04d}.png", picture)
    return path


def right_half(work: Path, frame: Picture) -> Path:
    """A mask that lets the right half be painted, with a soft edge."""
    height, width = frame.shape[:2]
    ramp = np.clip((np.arange(width) - 0.45 * width) / (0.1 * width), 0, 1)
    write_picture(work / "mask.png", np.broadcast_to((255 * ramp).astype(np.uint8)[None, :, None], (height, width, 3)))
    return work / "mask.png"


def slice_of(clip: list[Picture]) -> Picture:
    """The middle row of each frame, one below the other."""
    rows = np.stack([frame[frame.shape[0] // 2] for frame in clip])
    return cv2.resize(rows, (rows.shape[1], 5 * len(rows)), interpolation=cv2.INTER_NEAREST).astype(
        np.uint8, copy=False
    )


def make(name: str) -> Path:
    """Paint one of the pictures; gives its file."""
    paint, columns = PICTURES[name]
    with TemporaryDirectory() as work:
        labels, pictures = zip(*paint(Path(work)), strict=True)
    height, width = pictures[0].shape[:2]
    mosaic = Mosaic(columns, -(-len(pictures) // columns), CELL, CELL * height // width // 2 * 2)
    path = OUTPUT / f"{name}.jpg"
    cv2.imwrite(
        str(path), mosaic.sheet(list(pictures), mosaic.strips(list(labels)))[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 85]
    )
    return path


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - PICTURES.keys():
        raise InputError(f"No such picture: {', '.join(sorted(unknown))}; there are {', '.join(PICTURES)}.")
    for each in sys.argv[1:] or PICTURES:
        print(make(each))
