"""What a visitor asks for, and the folder in which a run of it works.

    request.json     the options of `impasto stylize` by name, as in the list of a batch (docs/json.md)
    clip, style-1.png, first_frame.png, mask.png, shots.json     what it reads; made by this server or looked at before
    result.mp4, result.run.json, before.mp4, preview.jpg, log.txt     what it writes

Every name is one of ours, and every path begins at the folder: nothing that a visitor sends is ever part of one.
"""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from impasto.app.refusals import Refused
from impasto.app.store import Upload
from impasto.guidance import Guidance
from impasto.job.batchlist import request_from
from impasto.job.catalog import model_facts, style_facts
from impasto.job.request import Request

REQUEST, RESULT, RECORD, BEFORE = "request.json", "result.mp4", "result.run.json", "before.mp4"
PREVIEW, LOG = "preview.jpg", "log.txt"
STORED = "file"
"""What was uploaded, in the folder of the upload; a picture is kept as we wrote it, not as it came."""
POSTER, FIRST_FRAME = "poster.jpg", "first.png"


@dataclass(frozen=True, kw_only=True)
class ShotStyle:
    """Frames `start` .. `stop` - 1 of the clip, in a named style of their own."""

    start: int
    stop: int
    style: str | None = None


@dataclass(frozen=True, kw_only=True)
class Order:
    """Uploads are given by their ids, styles by their names."""

    clip: str
    styles: tuple[str, ...] = ()
    pictures: tuple[str, ...] = ()
    prompt: str | None = None
    first_frame: str | None = None
    mask: str | None = None
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
        parts += ["your painted frame"] if self.first_frame else []
        parts += ["styles of shots"] if any(shot.style for shot in self.shots) else []
        return " + ".join(parts)


def check_names(order: Order) -> None:
    """Raise `Refused` for a style or a model that is not in our lists: a name may not be a path."""
    styles = {style.name for style in style_facts()}
    for name in [*order.styles, *(shot.style for shot in order.shots if shot.style)]:
        if name not in styles:
            raise Refused(422, f"There is no style {name!r}; choose one of the list.")
    if order.model not in offered_models():
        raise Refused(422, f"There is no model {order.model!r} here; choose one of {', '.join(offered_models())}.")


def offered_models() -> dict[str, tuple[str, ...]]:
    """Models that repaint and whose weights are on this machine, with what each takes."""
    return {
        model.name: model.takes
        for model in model_facts()
        if model.weights_bytes is not None and {"style", "prompt"} & set(model.takes)
    }


def lay_out(order: Order, folder: Path, find: Callable[[str, str], Upload], uploads: Path) -> Upload:
    """Make the folder of an order and return its clip; `find(id, kind)` looks up an upload of the visitor."""

    def place(upload: Upload, name: str) -> str:
        _link(uploads / upload.id / STORED, folder / name)
        return name

    check_names(order)
    clip = find(order.clip, "clip")
    # All that is asked for is looked up before anything is made.
    pictures = [find(id, "picture") for id in order.pictures]
    extra = {"first_frame": order.first_frame, "mask": order.mask}
    others = {name: find(id, "picture") for name, id in extra.items() if id}
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
        **{name: place(upload, f"{name}.png") for name, upload in others.items()},
    }
    if order.prompt and order.prompt.strip():
        row["prompt"] = order.prompt
    if any(shot.style for shot in order.shots):
        row["shots"] = "shots.json"
        _write(folder / "shots.json", {"shots": _rows(order.shots)})
    _write(folder / REQUEST, row)
    return clip


def request_in(folder: Path) -> Request:
    """The run that a folder asks for; raises `InputError`."""
    row = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
    return request_from(row, folder, Request(source=Path(), output=Path(), guidance=Guidance()), None)


def _rows(shots: Sequence[ShotStyle]) -> list[dict[str, Any]]:
    return [{"start": shot.start, "stop": shot.stop, "style": shot.style} for shot in shots]


def _write(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2), encoding="utf-8")


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
