"""What was lost and what was mended while reading."""

from pathlib import Path
from typing import Any

from impasto.errors import UnreadableInput


class Ledger:
    """Notes and counts of one source; passes over the same stretch count a loss once."""

    def __init__(self, path: Path, unit: str = "packets") -> None:
        self.notes: list[str] = []
        self.promised = 0
        self._path = path
        self._unit = unit
        self._lost: set[int | str | None] = set()
        self._decoded = 0

    @property
    def record(self) -> dict[str, Any]:
        return {"decoded": self._decoded, "promised": self.promised, "corrupt": len(self._lost)}

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)

    def lost(self, what: int | str | None) -> None:
        """A packet or picture, named by its time or file name, could not be decoded."""
        self._lost.add(what)

    def finish(self, decoded: int) -> None:
        """The end was reached; raises `UnreadableInput` where less than half of the promised frames decoded."""
        self._decoded = decoded
        if 2 * decoded < self.promised:
            raise UnreadableInput(
                f"{str(self._path)!r} is broken: {decoded} of {self.promised} frames decode; give an intact copy."
            )
        if self._lost:
            self.note(f"Corrupt {self._unit} skipped or concealed: {len(self._lost)}.")
        # Estimates from a duration may be one off.
        if decoded < self.promised - 1:
            self.note(f"{decoded} of {self.promised} promised frames decode; the rest is missing.")
