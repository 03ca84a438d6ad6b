"""`impasto evaluate table dreamstyle-long`: how far colours wander off over chained windows, by each way to chain."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import numpy as np

from impasto.color.drift import Drift, drift_of, mean_lab
from impasto.diffusion.configs import NANO
from impasto.diffusion.embedded import embedded_base
from impasto.diffusion.windows import Windows
from impasto.errors import UnsupportedOption
from impasto.evaluation.assets import style_file
from impasto.evaluation.dreamstyle.cells import MEASURING
from impasto.evaluation.dreamstyle.pieces import MODEL
from impasto.evaluation.machine import machine
from impasto.evaluation.running.comparison import read_json
from impasto.evaluation.tables.code import code_digest
from impasto.evaluation.tables.protocol import Span, read_frames
from impasto.evaluation.textfiles import write_json
from impasto.guidance import Guidance, Style
from impasto.job.pixels import to_float
from impasto.stylizers.base import FrameArray, Preset
from impasto.stylizers.dreamstyle.model import DreamStyle
from impasto.stylizers.dreamstyle.nano import nano_engine
from impasto.stylizers.dreamstyle.published import NANO_FILE, NANO_WEIGHTS
from impasto.stylizers.dreamstyle.stylizer import Chaining, DreamStyleStylizer
from impasto.stylizers.memoryshot import MemoryShot
from impasto.training.nano.shards import content_key
from impasto.weights.paths import cache_dir, weights_file, weights_files

NAME = "dreamstyle-long"
CODE = (*MEASURING, *MODEL, "evaluation/dreamstyle/long.py", "color", "stylizers/resizing.py")
OVERLAPS: dict[Chaining, int] = {"last frame": 1, "overlap": 5}
"""Frames that a window goes on from."""


@dataclass(frozen=True, kw_only=True)
class LongProtocol:
    clip: str = "sam2_cups"
    """Of `eval/videos`; as long as the windows want."""
    caption: str = "cups on a table"
    style: str = "classic-gordic_mosaic"
    """Of `eval/styles`."""
    windows: int = 10
    length: int = NANO.frames
    width: int = 256
    preset: Preset = "draft"
    seed: int = 0


QUICK = LongProtocol(windows=3, length=9, width=48)
"""To see that everything runs; the figures mean nothing."""


@dataclass(frozen=True, kw_only=True)
class Way:
    name: str
    title: str
    chaining: Chaining
    anchored: bool


WAYS = (
    Way(name="last-frame", title="last frame as the first (DreamStyle)", chaining="last frame", anchored=False),
    Way(name="last-frame-anchored", title="the same, colours anchored", chaining="last frame", anchored=True),
    Way(name="overlap", title="painted frames in place of raw ones (EchoStyle)", chaining="overlap", anchored=False),
    Way(name="overlap-anchored", title="the same, colours anchored", chaining="overlap", anchored=True),
)


@dataclass(frozen=True, kw_only=True)
class LongRow:
    name: str
    title: str
    painted: Drift
    source: Drift
    """Beside it: a source whose colours change takes the painting along."""


@dataclass(frozen=True, kw_only=True)
class LongTable:
    name: str
    command: str
    date: str
    machine: dict[str, Any]
    protocol: LongProtocol
    rows: tuple[LongRow, ...]
    """Those that are measured."""


def long_table(protocol: LongProtocol, say: Callable[[str], None]) -> Iterator[LongTable]:
    """The table after each row; what is known is not painted again.

    Raises:
        ModelError: weights, or files of the data folder, are missing.
        UnsupportedOption: the clip is shorter than its windows.
    """
    key = _key(protocol)
    frames = [to_float(frame) for frame in read_frames(protocol.clip, Span(name="", width=protocol.width))]
    about, rows = machine(), []
    for way in WAYS:
        file = cache_dir() / "tables" / "dreamstyle" / "long" / f"{way.name}-{key}.json"
        if not file.exists():
            say(f"painting {protocol.windows} windows by {way.name}")
            file.parent.mkdir(parents=True, exist_ok=True)
            write_json(file, _measured(protocol, way, frames))
        found = {kind: Drift(tuple(drift["delta_e"]), drift["slope"]) for kind, drift in read_json(file).items()}
        rows.append(LongRow(name=way.name, title=way.title, **found))
        yield LongTable(
            name=NAME,
            command=f"impasto evaluate table {NAME}{' --quick' if protocol == QUICK else ''}",
            date=datetime.now(UTC).date().isoformat(),
            machine=about,
            protocol=protocol,
            rows=tuple(rows),
        )


def _key(protocol: LongProtocol) -> str:
    weights = content_key(weights_files(NANO_WEIGHTS))
    return sha256(f"{protocol} {weights} {code_digest(CODE)}".encode()).hexdigest()[:16]


def _measured(protocol: LongProtocol, way: Way, frames: list[FrameArray]) -> dict[str, Any]:
    overlap = OVERLAPS[way.chaining]
    fresh = protocol.length - overlap
    wanted = protocol.length + (protocol.windows - 1) * fresh
    if len(frames) < wanted:
        raise UnsupportedOption(
            f"The clip {protocol.clip!r} has {len(frames)} frames and {protocol.windows} windows want {wanted}; "
            "choose fewer windows, or a longer clip."
        )
    model = DreamStyle.from_file(embedded_base(), NANO.name, weights_file(NANO_FILE))
    engine = replace(
        nano_engine(model),
        windows=Windows(protocol.length, OVERLAPS["overlap"]),
        chaining=way.chaining,
        anchored=way.anchored,
    )
    stylizer, source = DreamStyleStylizer(protocol.preset, engine), frames[:wanted]
    styles = (Style(image=style_file(protocol.style)),)
    stylizer.prepare(
        Guidance(prompt=protocol.caption, styles=styles, seed=protocol.seed), MemoryShot(source), lambda share: None
    )
    painted = list(stylizer.stylize(iter(source), {}))
    starts = [0, *range(protocol.length, wanted, fresh)]
    return {
        kind: asdict(drift_of([np.mean([mean_lab(frame) for frame in part], 0) for part in _parts(shown, starts)]))
        for kind, shown in (("painted", painted), ("source", source))
    }


def _parts(frames: list[FrameArray], starts: list[int]) -> list[list[FrameArray]]:
    """The frames that each window painted anew."""
    return [frames[start:stop] for start, stop in zip(starts, [*starts[1:], len(frames)], strict=True)]
