"""The run record `x.run.json`: all that is needed to repeat a run and to judge it. Its keys: docs/json.md."""

import json
import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from impasto.job.clock import Clock, peak_memory
from impasto.job.hashing import sha256_of
from impasto.job.plain import plain
from impasto.job.plan import Plan
from impasto.job.request import Request
from impasto.stylizers.registry import find_model
from impasto.video.blank import Canvas
from impasto.video.files import written_atomically
from impasto.video.source import FrameSource
from impasto.weights.paths import weights_file

PACKAGES = ("impasto", "av", "numpy", "torch", "openvino", "opencv-python-headless", "scenedetect-headless")


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
    output: dict[str, Any]
    plan: dict[str, Any]
    timings: dict[str, float]
    """Seconds by phase; decode, stylize and encode run at the same time within `repaint`; `total` is the wall clock."""
    frames_per_second: float
    """Over all but `startup`, the seconds that loading the model took."""
    peak_memory_bytes: int
    notes: tuple[str, ...]
    """What was salvaged, converted or left out."""

    @property
    def frames(self) -> int:
        return self.output["frames"]


def make_record(
    request: Request, plan: Plan, source: FrameSource, output: Path, notes: list[str], clock: Clock
) -> RunRecord:
    """The record of a run whose finished output lies at `output`, which need not be its final place."""
    model, info = find_model(request.model), plan.source
    with clock.phase("hash"):
        given = plain(request.source) if isinstance(request.source, Canvas) else _identity(request.source)
        picture_hashes = {str(path): sha256_of(path) for path, _ in request.pictures}
        weights = {name: sha256_of(weights_file(name)) for name in model.weights}
        # Hashing tens of gigabytes would take as long as a clip.
        weights |= {published.repository: published.revision or "main" for published in model.hub}
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
            "weights": weights,
        },
        guidance=plain(request.guidance),
        input={**given, **source.record},
        pictures=picture_hashes,
        output={
            "path": str(request.output),
            "bytes": _size(output),
            "frames": plan.frames,
            "width": info.width,
            "height": info.height,
            "seconds": plain(info.duration),
        },
        plan=plain(plan),
        timings={name: round(seconds, 3) for name, seconds in {**clock.seconds, "total": total}.items()},
        frames_per_second=round(plan.frames / (total - clock.seconds["startup"]), 3),
        peak_memory_bytes=peak_memory(),
        notes=tuple(dict.fromkeys([*changed_tracks, *plan.notes, *source.notes, *notes])),
    )


def package_versions() -> dict[str, str]:
    """Versions of the packages that decide what comes out; one that is not installed is left out."""
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def write_record(record: RunRecord, path: Path) -> None:
    """Write the record; the file appears whole or not at all."""
    with written_atomically(path) as partial:
        partial.write_text(json.dumps(plain(record), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _identity(path: Path) -> dict[str, Any]:
    return {"path": str(path), "sha256": sha256_of(path)}


def _size(path: Path) -> int:
    files = path.iterdir() if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files)
