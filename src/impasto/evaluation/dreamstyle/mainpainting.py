"""What each method paints for the main comparison, kept, and the lists of comparisons beside it.

Frames are uint8 RGB [H, W, 3].
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from itertools import product
from pathlib import Path
from shutil import rmtree
from typing import Any

import numpy as np
import torch

from impasto.color.transport import apply, color_statistics, transport
from impasto.errors import ImpastoError, Interrupted
from impasto.evaluation.assets import style_file
from impasto.evaluation.dreamstyle.mainprotocol import METHODS, OURS, MainProtocol, Task
from impasto.evaluation.dreamstyle.painting import first_frame, painted
from impasto.evaluation.papers.methods import LIST
from impasto.evaluation.tables.code import code_digest
from impasto.evaluation.tables.protocol import Span, read_frames
from impasto.evaluation.textfiles import write_json
from impasto.guidance import Guidance, Style
from impasto.job.hashing import hashes_of_weights
from impasto.stylizers.registry import find_model
from impasto.video.files import remove
from impasto.video.pictures import read_picture, write_picture
from impasto.video.types import Picture
from impasto.weights.paths import cache_dir

CODE = (
    *("color", "diffusion", "losses", "motion", "perception", "stylizers"),
    *(f"evaluation/dreamstyle/{name}.py" for name in ("mainpainting", "painting")),
    "evaluation/tables/protocol.py",
)
"""That paints."""


@dataclass(frozen=True)
class Work:
    """One clip to be painted in one style by one method."""

    method: str
    protocol: MainProtocol
    source: list[Picture]
    picture: Path
    """To go by: the style picture, or the painted first frame."""
    guidance: Guidance

    def __call__(self) -> list[Picture]:
        """The painted clip; raises `ImpastoError`."""
        if self.method == "source":
            return self.source
        if self.method == "transport":
            return in_colours_of(self.source, read_picture(self.picture)[0])
        return painted(find_model(self.method).load(self.protocol.preset), self.source, self.guidance)


def paint_all(protocol: MainProtocol, failures: dict[str, str], say: Callable[[str], None]) -> Path:
    """Paint what is not painted yet; the folder of TASK/METHOD/comparisons.json.

    Args:
        failures: gets why a method cannot paint, by its name; it has no list then.
    """
    root = cache_dir() / "tables" / "dreamstyle" / "main"
    lists = root / sha256(repr(protocol).encode()).hexdigest()[:16]
    for method in METHODS:
        try:
            for task in method.tasks:
                _paint(protocol, method.name, task, root, lists / task / method.name, say)
        except Interrupted:
            raise
        except ImpastoError as error:
            failures[method.name] = str(error)
            for task in method.tasks:
                remove(lists / task / method.name / LIST)
    return lists


def in_colours_of(source: Sequence[Picture], picture: Picture) -> list[Picture]:
    """A clip with mean and covariance of a picture's colours, by one map."""
    clip = torch.from_numpy(np.stack(source)).float() / 255
    wanted = torch.tensor(picture.reshape(-1, 3)).float() / 255
    matrix, offset = transport(color_statistics(clip.reshape(-1, 3)), color_statistics(wanted))
    moved = apply(clip.permute(0, 3, 1, 2), matrix, offset).clamp(0, 1).permute(0, 2, 3, 1)
    return list((255 * moved).round().to(torch.uint8).numpy())


def _paint(
    protocol: MainProtocol, method: str, task: Task, root: Path, place: Path, say: Callable[[str], None]
) -> None:
    """Every clip in every style by one method, and the list of comparisons."""
    weights = {} if method in OURS else hashes_of_weights(find_model(method))
    key = sha256(f"{protocol} {weights} {code_digest(CODE)}".encode()).hexdigest()[:16]
    items = []
    for number, ((clip, caption), (style, words)) in enumerate(product(protocol.clips, protocol.styles)):
        source = read_frames(clip, Span(name="", frames=protocol.frames, width=protocol.width))
        style_picture, first = style_file(style), None
        if task == "first-frame":
            first = first_frame(protocol.painter, source[0], clip, style)
        own = root / f"source-{protocol.frames}-{protocol.width}" / clip
        _keep(own, lambda source=source: source)
        guidance = _guidance(method, task, caption, words, style_picture, first, number)
        output = root / f"{method}-{task}-{key}" / f"{clip}+{style}"
        if not output.exists():
            say(f"{method}, {task}: {clip} in {style}")
            _keep(output, Work(method, protocol, source, first or style_picture, guidance))
        item: dict[str, Any] = {"output": output, "source": own, "styles": [style_picture]}
        # In the task by text the words of the style alone are measured, as the paper's figures seem to be.
        item |= {"prompt": words if task == "text" else caption} | ({"first_frame": first} if first else {})
        items.append(item)
    write_json(place / LIST, [{name: _from(place, value) for name, value in item.items()} for item in items])


def _guidance(
    method: str, task: Task, caption: str, words: str, picture: Path, first: Path | None, seed: int
) -> Guidance:
    if task == "text":
        return Guidance(prompt=f"{caption}, {words}", seed=seed)
    # Others than diffusion models would take what a clip shows for a style.
    told = caption if method not in OURS and find_model(method).family == "diffusion" else None
    if first is not None:
        return Guidance(prompt=told, first_frame=first, seed=seed)
    return Guidance(prompt=told, styles=(Style(image=picture),), seed=seed)


def _keep(folder: Path, make: Callable[[], list[Picture]]) -> None:
    """Frames as a folder of pictures, which appears whole or not at all; made unless it is there."""
    if folder.exists():
        return
    half = folder.with_name(f"{folder.name}.part")
    rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    for number, frame in enumerate(make()):
        write_picture(half / f"{number:04d}.png", frame)
    half.rename(folder)


def _from(place: Path, value: Any) -> Any:
    """Paths as the list has them, which come from its own folder."""
    if isinstance(value, list):
        return [*map(partial(_from, place), value)]
    return os.path.relpath(value.resolve(), place.resolve()) if isinstance(value, Path) else value
