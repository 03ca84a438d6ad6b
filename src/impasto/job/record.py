"""The run record `x.run.json`: all that is needed to repeat a run and to judge it. Its keys: docs/json.md."""

import json
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from impasto.job.clock import Clock, peak_memory
from impasto.job.drift import ShotDrift
from impasto.job.hashing import Hashes
from impasto.job.journal import Settings
from impasto.job.plain import plain
from impasto.job.plan import Plan
from impasto.job.request import Request
from impasto.job.versions import package_versions
from impasto.stylizers.registry import find_model
from impasto.video.blank import Canvas
from impasto.video.files import size_of, writing, written_atomically
from impasto.video.source import FrameSource


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    command: tuple[str, ...]
    """As typed; empty for a run from Python."""
    finished: str
    """Date and time, UTC."""
    versions: dict[str, str]
    machine: dict[str, Any]
    model: dict[str, Any]
    guidance: dict[str, Any]
    input: dict[str, Any]
    pictures: dict[str, str]
    """SHA-256 of every picture of the guidance, by path."""
    settings: Settings
    """All that decides the pixels, flat, to tell two runs apart."""
    output: dict[str, Any]
    plan: dict[str, Any]
    timings: dict[str, float]
    """Seconds by phase; decode, stylize and encode run at the same time within `repaint`; `total` is the wall clock."""
    frames_per_second: float
    """Over all but `startup`, the seconds that loading the model took."""
    resumed_segments: int
    """That an earlier run had finished; timings and frames per second are of the rest."""
    drift: tuple[dict[str, Any], ...]
    """Of the colours of each shot of two segments or more."""
    peak_memory_bytes: int
    notes: tuple[str, ...]
    """What was salvaged, converted or left out."""

    @property
    def frames(self) -> int:
        return self.output["frames"]


def make_record(
    request: Request,
    plan: Plan,
    source: FrameSource,
    hashes: Hashes,
    settings: Settings,
    painted: list[int],
    drift: list[ShotDrift],
    output: Path,
    notes: list[str],
    clock: Clock,
) -> RunRecord:
    """The record of a run whose finished output lies at `output`, which need not be its final place.

    `painted` are the numbers of the segments that no earlier run had finished.
    """
    model, info = find_model(request.model), plan.source
    if isinstance(request.source, Canvas):
        given = plain(request.source)
    else:
        given = {"path": str(request.source), "sha256": hashes.input}
    changed_tracks = [track.sentence + "." for track in plan.tracks if track.action != "copy"]
    total = clock.total
    return RunRecord(
        command=request.command,
        finished=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={"python": platform.python_version(), **package_versions()},
        machine={"platform": platform.platform(), "cores": os.cpu_count()},
        model={
            "name": model.name,
            "preset": request.preset,
            "source": model.source,
            "licence": model.licence,
            "weights": hashes.weights,
        },
        guidance=plain(request.guidance),
        input={**given, **source.record},
        pictures=hashes.pictures,
        settings=settings,
        output={
            "path": str(request.output),
            "bytes": size_of(output),
            "frames": plan.frames,
            "width": info.width,
            "height": info.height,
            "seconds": plain(info.duration),
        },
        plan=plain(plan),
        timings={name: round(seconds, 3) for name, seconds in {**clock.seconds, "total": total}.items()},
        frames_per_second=round(plan.frames_of(painted) / (total - clock.seconds["startup"]), 3),
        resumed_segments=len(plan.segments) - len(painted),
        drift=tuple(plain(shot) for shot in drift),
        peak_memory_bytes=peak_memory(),
        notes=tuple(dict.fromkeys([*changed_tracks, *plan.notes, *source.notes, *notes])),
    )


def write_record(record: RunRecord, path: Path) -> None:
    """Write the record; the file appears whole or not at all."""
    with written_atomically(path) as partial, writing(path):
        partial.write_text(json.dumps(plain(record), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
