"""`journal.jsonl` in `OUT.impasto/`: what a run has finished, one JSON line after the other, each safe on the disk.

The first line says what run it is, each further one that a segment is finished; the last may say that the output is
being put in its place. A line that a crash tore, and all after it, count as never written.
"""

import json
import os
from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from impasto.video.files import sync, writing, written_atomically

Settings = dict[str, str]
"""All that decides the pixels of a run, by name (see `impasto.job.settings`)."""
Lab = tuple[float, float, float]


@dataclass(frozen=True)
class SegmentColors:
    """Mean CIE Lab colours of a segment."""

    painted: Lab
    source: Lab


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A segment of the plan that need not be painted again: frames `start` .. `stop` - 1."""

    number: int
    start: int
    stop: int
    bytes: int
    colors: SegmentColors


class Journal:
    """The journal in a file, as it is now and as it grows; empty where there is no file yet."""

    def __init__(self, path: Path):
        self._path = path
        self.settings: Settings = {}
        self.may_replace = False
        """The run may replace an output that exists: it was begun so, or the output is its own."""
        self.finished: dict[int, Finished] = {}
        """By number; shots may be finished in any order, the segments of a shot one after the other."""
        self._length = 0
        if path.is_file():
            self._read()

    def begin(self, settings: Settings, may_replace: bool) -> None:
        """Forget everything and begin a new run."""
        self.settings, self.may_replace, self.finished, self._length = settings, may_replace, {}, 0
        self._append(self._first_line)

    def add(self, segment: Finished) -> None:
        """A segment, whose file is safe on the disk, is finished."""
        self._append(asdict(segment))
        self.finished[segment.number] = segment

    def keep(self, numbers: Collection[int]) -> None:
        """Forget all segments but these."""
        if self.finished.keys() <= set(numbers):
            return
        self.finished = {number: segment for number, segment in self.finished.items() if number in numbers}
        text = b"".join(map(_line, [self._first_line, *map(asdict, self.finished.values())]))
        with written_atomically(self._path) as partial, writing(self._path):
            partial.write_bytes(text)
            sync(partial)
        sync(self._path)
        self._length = len(text)

    def placing(self) -> None:
        """What will lie at the output from now on is this run's own, also where the run is killed before it ends."""
        self._append({"may_replace": True})
        self.may_replace = True

    @property
    def _first_line(self) -> dict[str, Any]:
        return {"settings": self.settings, "may_replace": self.may_replace}

    def _append(self, line: dict[str, Any]) -> None:
        text = _line(line)
        with writing(self._path), self._path.open("r+b" if self._path.exists() else "xb") as file:
            file.truncate(self._length)  # what a crash tore goes
            file.seek(self._length)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        self._length += len(text)

    def _read(self) -> None:
        with self._path.open("rb") as file:
            for text in file:
                try:
                    line = json.loads(text)
                    if not text.endswith(b"\n"):
                        return
                    if "settings" in line:
                        self.settings = line["settings"]
                    if "may_replace" in line:
                        self.may_replace = line["may_replace"]
                    else:
                        segment = Finished(**line | {"colors": SegmentColors(**line["colors"])})
                        self.finished[segment.number] = segment
                except (ValueError, TypeError, KeyError):
                    return
                self._length += len(text)


def _line(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"
