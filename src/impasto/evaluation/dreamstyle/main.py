"""`impasto evaluate table dreamstyle-main`: the paper's comparison of the three tasks, at nano scale.

What is here paints the same clips in the same styles first, which is kept; then the tables of the paper are filled, and
results of others with them.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import product
from pathlib import Path
from shutil import rmtree
from typing import Any, Literal

import numpy as np
import torch

from impasto.color.transport import apply, color_statistics, transport
from impasto.diffusion.configs import NANO
from impasto.errors import ImpastoError, Interrupted, UnreadableInput
from impasto.evaluation.assets import clip_file, style_file
from impasto.evaluation.dreamstyle.painting import first_frame, painted
from impasto.evaluation.machine import machine
from impasto.evaluation.papers.methods import LIST
from impasto.evaluation.papers.table import ResultsTable, results_table
from impasto.evaluation.tables.code import code_digest
from impasto.evaluation.tables.protocol import Span, read_frames
from impasto.evaluation.textfiles import write_json
from impasto.guidance import Guidance, Style
from impasto.job.hashing import hashes_of_weights
from impasto.stylizers.base import Preset
from impasto.stylizers.registry import find_model
from impasto.video.pictures import read_picture, write_picture
from impasto.video.types import Picture
from impasto.weights.paths import cache_dir

NAME = "dreamstyle-main"
Task = Literal["text", "style-image", "first-frame"]
TASKS: dict[Task, str] = {
    "text": "dreamstyle-text",
    "style-image": "dreamstyle-style-image",
    "first-frame": "dreamstyle-first-frame",
}
"""The table of the paper for each, see `impasto.evaluation.papers.columns`."""
Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Method:
    name: str
    """As of `impasto models`, or `source` and `transport`."""
    tasks: tuple[Task, ...]


METHODS = (
    Method(name="source", tasks=tuple(TASKS)),
    Method(name="transport", tasks=("style-image", "first-frame")),
    Method(name="gatys", tasks=("style-image",)),
    Method(name="swift", tasks=tuple(TASKS)),
    Method(name="stylemaster-nano", tasks=("style-image",)),
    Method(name="dreamstyle-nano", tasks=tuple(TASKS)),
)
"""`source` is the clip itself, `transport` the clip in the colours of the picture by one map for a clip."""
OURS = ("source", "transport")


@dataclass(frozen=True, kw_only=True)
class MainProtocol:
    clips: tuple[tuple[str, str], ...] = (
        ("davis_dance-twirl", "a woman dances and turns in the street"),
        ("davis_horsejump-high", "a rider on a horse jumps over a fence"),
        ("davis_bmx-trees", "a boy rides a bicycle past trees"),
        ("davis_soapbox", "people race in a soapbox down a street"),
        ("sintel_mountain_2", "a snowy mountain above the clouds"),
        ("rerender_redhair_woman", "a woman with red hair looks into the camera"),
    )
    """Of `eval/videos`, in our words."""
    styles: tuple[tuple[str, str], ...] = (
        ("classic-aivis_pencil-sketch", "a pencil sketch"),
        ("classic-gordic_mosaic", "a mosaic"),
        ("classic-aivis_cartoon", "a cartoon"),
        ("nst-vg-olive", "an oil painting by Vincent van Gogh"),
    )
    """Of `eval/styles`, each with every clip, and what it is called."""
    frames: int = NANO.frames
    width: int = 256
    preset: Preset = "standard"
    painter: Literal["gatys", "swift"] = "gatys"
    """Of the first frames that are followed."""


QUICK = MainProtocol(
    clips=MainProtocol.clips[:1], styles=MainProtocol.styles[:1], frames=5, width=48, preset="draft", painter="swift"
)
"""To see that everything runs; the figures mean nothing."""


@dataclass(frozen=True, kw_only=True)
class MainTable:
    name: str
    command: str
    date: str
    machine: dict[str, Any]
    protocol: MainProtocol
    tables: dict[str, ResultsTable]
    """By task."""
    failures: dict[str, str]
    """Why a method did not paint, by its name."""


def main_table(protocol: MainProtocol, results: Path | None, command: Sequence[str], say: Say) -> Iterator[MainTable]:
    """The table after each method of each task; what was painted is not painted again.

    Args:
        results: TASK/METHOD/comparisons.json of others; None: none.
        command: as typed.

    Raises:
        ModelError: files of the data folder are missing.
        InputError: something in the results cannot be read.
    """
    for clip, _ in protocol.clips:
        clip_file(clip)
    outside = {task: results / task for task in TASKS if results and (results / task).is_dir()}
    if results and not outside:
        raise UnreadableInput(f"{str(results)!r} has no folder {' or '.join(TASKS)}; put results of others in those.")
    about, failures = machine(), dict[str, str]()
    folder = painted_all(protocol, failures, say)
    tables: dict[str, ResultsTable] = {}
    for task, name in TASKS.items():
        places = [folder / task, *([outside[task]] if task in outside else [])]
        for tables[task] in results_table(name, places, None, command, say):
            yield MainTable(
                name=NAME,
                command=" ".join(command),
                date=datetime.now(UTC).date().isoformat(),
                machine=about,
                protocol=protocol,
                tables=dict(tables),
                failures=dict(failures),
            )


def painted_all(protocol: MainProtocol, failures: dict[str, str], say: Say) -> Path:
    """The folder TASK/METHOD of what was painted; what fails is told in `failures` and is not in it."""
    root = cache_dir() / "tables" / "dreamstyle" / "main"
    shown = root / f"{_key(protocol)}"
    for method in METHODS:
        try:
            for task in method.tasks:
                _paint(protocol, method.name, task, root, shown / task / method.name, say)
        except Interrupted:
            raise
        except ImpastoError as error:
            failures[method.name] = str(error)
            for task in method.tasks:
                (shown / task / method.name / LIST).unlink(missing_ok=True)
    return shown


def _paint(protocol: MainProtocol, method: str, task: Task, root: Path, place: Path, say: Say) -> None:
    """Every clip in every style by one method, and the list of comparisons beside."""
    weights = {} if method in OURS else hashes_of_weights(find_model(method))
    key = sha256(f"{protocol} {weights} {code_digest(CODE)}".encode()).hexdigest()[:16]
    store, items = root / f"{method}-{task}-{key}", []
    for number, ((clip, caption), (style, words)) in enumerate(product(protocol.clips, protocol.styles)):
        source = read_frames(clip, Span(name="", frames=protocol.frames, width=protocol.width))
        picture, first = style_file(style), None
        prompt = f"{caption}, {words}" if task == "text" else caption
        if task == "first-frame":
            first = first_frame(protocol.painter, source[0], clip, style)
        own = root / f"source-{protocol.frames}-{protocol.width}" / clip
        _kept(own, lambda source=source: source)
        output = store / f"{clip}+{style}"
        if not output.exists():
            guidance = {
                "text": Guidance(prompt=prompt, seed=number),
                "style-image": Guidance(prompt=_prompt(method, caption), styles=(Style(image=picture),), seed=number),
                "first-frame": Guidance(prompt=_prompt(method, caption), first_frame=first, seed=number),
            }[task]
            say(f"{method}, {task}: {clip} in {style}")
            _kept(output, lambda: _made(method, protocol, source, first or picture, guidance))
        item = {"output": output, "source": own, "styles": [picture], "prompt": words if task == "text" else caption}
        items.append(item | ({"first_frame": first} if first else {}))
    paths = [{name: _relative(value, place) for name, value in item.items()} for item in items]
    write_json(place / LIST, paths)


CODE = (
    "diffusion",
    "color",
    "stylizers",
    *(f"evaluation/dreamstyle/{name}.py" for name in ("main", "painting")),
)
"""That paints."""


def _key(protocol: MainProtocol) -> str:
    return sha256(repr(protocol).encode()).hexdigest()[:16]


def _prompt(method: str, caption: str) -> str | None:
    """Only diffusion models are told what the clip shows: others would take it for a style."""
    return caption if find_model(method).family == "diffusion" else None if method not in OURS else None


def _made(
    method: str, protocol: MainProtocol, source: list[Picture], picture: Path, guidance: Guidance
) -> list[Picture]:
    if method == "source":
        return source
    if method == "transport":
        return in_colours_of(source, read_picture(picture)[0])
    return painted(find_model(method).load(protocol.preset), source, guidance)


def in_colours_of(source: Sequence[Picture], picture: Picture) -> list[Picture]:
    """A clip with mean and covariance of a picture's colours, by one map."""
    clip = torch.from_numpy(np.stack(source)).float() / 255
    wanted = torch.from_numpy(picture.reshape(-1, 3)).float() / 255
    matrix, offset = transport(color_statistics(clip.reshape(-1, 3)), color_statistics(wanted))
    moved = apply(clip.permute(0, 3, 1, 2), matrix, offset).clamp(0, 1).permute(0, 2, 3, 1)
    return list((255 * moved).round().to(torch.uint8).numpy())


def _kept(folder: Path, make: Callable[[], list[Picture]]) -> None:
    """Frames as a folder of pictures, which appears whole or not at all."""
    if folder.exists():
        return
    half = folder.with_name(f"{folder.name}.part")
    rmtree(half, ignore_errors=True)
    half.mkdir(parents=True)
    for number, frame in enumerate(make()):
        write_picture(half / f"{number:04d}.png", frame)
    half.rename(folder)


def _relative(value: Any, place: Path) -> Any:
    if isinstance(value, list):
        return [_relative(each, place) for each in value]
    return os.path.relpath(value.resolve(), place.resolve()) if isinstance(value, Path) else value
