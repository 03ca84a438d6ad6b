"""What a visitor asks for, and the folder in which a run of it works.

    request.json     the options of `impasto stylize` by name, as in the list of a batch (docs/json.md)
    clip, style-1.png, first_frame.png, keyframe-1.png, mask, shots.json     what it reads; ours, or looked at before
    result.mp4, result.run.json, before.mp4, preview.jpg, log.txt     what it writes

Every name is one of ours, and every path begins at the folder: nothing that a visitor sends is ever part of one.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from impasto.app.refusals import Refused
from impasto.app.store import Kind, Upload
from impasto.guidance import Guidance
from impasto.job.batchlist import request_from
from impasto.job.catalog import model_facts, style_facts
from impasto.job.plain import plain
from impasto.job.request import Request
from impasto.job.values import parse_time

REQUEST, RESULT, RECORD, BEFORE = "request.json", "result.mp4", "result.run.json", "before.mp4"
PREVIEW, LOG = "preview.jpg", "log.txt"
STORED = "file"
"""What was uploaded, in the folder of the upload; a picture is kept as we wrote it, not as it came."""
POSTER, FIRST_FRAME = "poster.jpg", "first.png"


@dataclass(frozen=True, kw_only=True)
class ShotStyle:
    """Frames `start` .. `stop` - 1 of the clip, in a named style or after words of their own."""

    start: int
    stop: int
    style: str | None = None
    prompt: str | None = None

    @property
    def own(self) -> bool:
        """It says itself how it is to look."""
        return bool(self.style or self.prompt)


@dataclass(frozen=True, kw_only=True)
class Painted:
    """A painted frame, and the time of the frame that it repaints."""

    time: str
    """As in `--keyframe`."""
    picture: str
    """Of an upload, its id."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """Uploads are given by their ids, styles by their names."""

    clip: str
    styles: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    prompt: str | None = None
    first_frame: str | None = None
    keyframes: tuple[Painted, ...] = ()
    mask: str | None = None
    """A picture, or a clip as long as the other."""
    strength: float = 1.0
    structure: float = 0.0
    preserve_color: bool = False
    model: str = "swift"
    preset: str = "standard"
    seed: int = 0
    shots: tuple[ShotStyle, ...] = ()

    @property
    def summary(self) -> str:
        """How it is to look, in a few words."""
        titles = {style.name: style.title for style in style_facts()}
        parts = [titles.get(name, name) for name in self.styles]
        parts += [self.prompt] if self.prompt else []
        if self.pictures:
            parts.append("your picture" if len(self.pictures) == 1 else f"{len(self.pictures)} of your pictures")
        painted = len(self.keyframes) + bool(self.first_frame)
        if painted:
            parts.append("your painted frame" if painted == 1 else f"{painted} of your painted frames")
        parts += ["looks of single shots"] if any(shot.own for shot in self.shots) else []
        return " + ".join(parts)


def check_names(order: Order) -> None:
    """Raise `Refused` for a style or model that is not in our lists and for a time that is none: it may be a path."""
    styles = {style.name for style in style_facts()}
    for name in [*order.styles, *(shot.style for shot in order.shots if shot.style)]:
        if name not in styles:
            raise Refused(422, f"There is no style {name!r}; choose one of the list.")
    if order.model not in offered_models():
        raise Refused(422, f"There is no model {order.model!r} here; choose one of {', '.join(offered_models())}.")
    for painted in order.keyframes:
        seconds_of(painted.time)


def seconds_of(time: str) -> Fraction:
    """A time as visitors write it; raises `Refused`."""
    seconds = parse_time(time)
    if seconds is None:
        raise Refused(422, f"{time!r} is no time; write for example 0:07 or 7.5.")
    return seconds


def offered_models() -> dict[str, tuple[str, ...]]:
    """Models that repaint and whose weights are on this machine, with what each takes."""
    return {
        model.name: model.takes
        for model in model_facts()
        if model.weights_bytes is not None and {"style", "prompt"} & set(model.takes)
    }


def lay_out(order: Order, folder: Path, find: Callable[[str, Kind | None], Upload], uploads: Path) -> Upload:
    """Make the folder of an order and return its clip; `find(id, kind)` looks up an upload of the visitor."""

    def place(upload: Upload, name: str) -> str:
        _link(uploads / upload.id / STORED, folder / name)
        return name

    check_names(order)
    clip = find(order.clip, "clip")
    # All that is asked for is looked up before anything is made.
    pictures = [find(id, "picture") for id in order.pictures]
    keyframes = [(painted.time, find(painted.picture, "picture")) for painted in order.keyframes]
    first = find(order.first_frame, "picture") if order.first_frame else None
    if first is None:
        # More models take a painted first frame than others.
        at_once = next((each for each in keyframes if not seconds_of(each[0])), None)
        if at_once is not None:
            keyframes.remove(at_once)
            first = at_once[1]
    mask = find(order.mask, None) if order.mask else None
    folder.mkdir(parents=True)
    row: dict[str, Any] = {
        "source": place(clip, "clip"),
        "output": RESULT,
        "style": [
            *order.styles,
            *(place(picture, f"style-{number}.png") for number, picture in enumerate(pictures, 1)),
        ],
        "model": order.model,
        "preset": order.preset,
        "strength": order.strength,
        "structure": order.structure,
        "preserve_color": order.preserve_color,
        "seed": order.seed,
        "keyframe": [
            f"{time}={place(picture, f'keyframe-{number}.png')}" for number, (time, picture) in enumerate(keyframes, 1)
        ],
    }
    if first is not None:
        row["first_frame"] = place(first, "first_frame.png")
    if mask is not None:
        row["mask"] = place(mask, "mask")
    if order.prompt and order.prompt.strip():
        row["prompt"] = order.prompt
    if any(shot.own for shot in order.shots):
        row["shots"] = "shots.json"
        _write(folder / "shots.json", {"shots": plain(order.shots)})
    _write(folder / REQUEST, row)
    return clip


def lay_out_moment(time: str, folder: Path, upload: Path) -> None:
    """Put into a folder what finds the frame of a clip at a time; raises `Refused`."""
    _write(folder / REQUEST, {"seconds": str(seconds_of(time))})
    _link(upload / STORED, folder / STORED)


def moment_in(folder: Path) -> Fraction:
    """The time, in seconds, that `lay_out_moment` was given."""
    return Fraction(json.loads((folder / REQUEST).read_text(encoding="utf-8"))["seconds"])


def request_in(folder: Path) -> Request:
    """The run that a folder asks for; raises `InputError`."""
    row = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    return request_from(row, folder, Request(source=Path(), output=Path(), guidance=Guidance()), None)


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2), encoding="utf-8")


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
