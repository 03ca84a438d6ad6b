"""What was painted and measured so far, one row after the other, so that a table resumes.

Legend: T frames, H height, W width.
"""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from impasto.evaluation.tables.code import code_digest
from impasto.evaluation.tables.columns import Figures
from impasto.evaluation.tables.methods import fingerprint
from impasto.evaluation.tables.protocol import Protocol
from impasto.evaluation.tables.rows import Row
from impasto.video.files import remove, writing, written_atomically
from impasto.video.types import Picture
from impasto.weights.paths import cache_dir

MEASURING = (
    *(f"evaluation/{name}.py" for name in ("judge", "squeezenet", "transport", "warp_error", "tables/measuring")),
    *(f"losses/{name}.py" for name in ("exact", "positions", "sliced")),
    *(f"motion/{name}.py" for name in ("flow", "occlusion", "warp")),
    *(f"perception/{name}.py" for name in ("statistics", "teacher")),
)
"""The code that figures are computed by."""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """What painting one clip took."""

    frames: int
    prepare_seconds: float
    paint_seconds: float
    peak_bytes: int
    """Of the process so far."""


class RowStore:
    """Folder of one row: a pair of files for each clip in each style.

    Its name holds a key: another config, other code or weights begin anew, and what is finished stays.
    """

    def __init__(self, row: Row, protocol: Protocol) -> None:
        painting = code_digest(("evaluation/tables/painting.py", "evaluation/tables/protocol.py"))
        method = fingerprint(row.method) if row.method else ""
        painted = sha256(f"{row.span} {painting} {method}".encode()).hexdigest()[:16]
        self._folder = cache_dir() / "tables" / "flicker" / f"{row.name}-{painted}"
        measuring = f"{protocol.judged} {protocol.positions} {code_digest(MEASURING)}"
        measured = sha256(measuring.encode()).hexdigest()[:8]
        self._figures = f"figures-{measured}"
        self.key = f"{painted}-{measured}"
        """Changes with whatever decides the figures."""

    def frames_file(self, clip: str, style: str) -> Path:
        """uint8 [T, H, W, 3]"""
        return self._folder / f"{clip}+{style}.npy"

    def frames(self, clip: str, style: str) -> list[Picture]:
        return list(np.load(self.frames_file(clip, style)))

    def keep_frames(self, clip: str, style: str, frames: list[Picture], effort: Effort) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        _write(self._file(clip, style, "effort"), asdict(effort))
        with written_atomically(self.frames_file(clip, style)) as partial, writing(partial):
            np.save(partial, np.stack(frames))

    def drop_frames(self, clip: str, style: str) -> None:
        remove(self.frames_file(clip, style))

    def effort(self, clip: str, style: str) -> Effort:
        return Effort(**_read(self._file(clip, style, "effort")))

    def painted(self, clip: str, style: str) -> bool:
        """Whether there is nothing left to paint."""
        return self.figures(clip, style) is not None or self.frames_file(clip, style).exists()

    def figures(self, clip: str, style: str) -> Figures | None:
        """None where they are still to be measured."""
        file = self._file(clip, style, self._figures)
        return _read(file) if file.exists() else None

    def keep_figures(self, clip: str, style: str, figures: Figures) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        _write(self._file(clip, style, self._figures), figures)

    def _file(self, clip: str, style: str, kind: str) -> Path:
        return self._folder / f"{clip}+{style}.{kind}.json"


def _read(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))


def _write(file: Path, content: dict[str, Any]) -> None:
    with written_atomically(file) as partial, writing(file):
        partial.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
