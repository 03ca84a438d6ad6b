"""The painted segments of a run as files, and with them what the next one of the same shot goes on from.

The processes that paint write here, on machines that share the folder; which of the files count, the journal says.
"""

from collections.abc import Collection
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save

from impasto.stylizers.base import State
from impasto.video.files import remove, sync, writing, written_atomically


class SegmentStore:
    def __init__(self, folder: Path):
        self._folder = folder

    def check(self) -> None:
        """Raise `OSError` where the folder cannot be seen."""
        self._folder.stat()

    def path(self, number: int) -> Path:
        """Where a segment belongs: a file, or a folder of PNG files."""
        return self._folder / f"segment-{number:05d}"

    def state(self, number: int) -> State:
        """What a segment left for the one after it; raises `OSError` or `SafetensorError`."""
        return load_file(self._state(number))

    def secure(self, number: int, state: State | None) -> None:
        """Make a written segment safe on the disk, and what the one after it goes on from: None at a shot's end."""
        with writing(self.path(number)):
            sync(self.path(number))
            if state is not None:
                with written_atomically(self._state(number)) as partial:
                    partial.write_bytes(save({name: np.array(value, order="C") for name, value in state.items()}))
                sync(self._state(number))

    def forget_state(self, number: int) -> None:
        """The segment after this one is finished."""
        remove(self._state(number))

    def clear(self, kept: Collection[int]) -> None:
        """Remove all but these segments."""
        wanted = {path for number in kept for path in (self.path(number), self._state(number))}
        for path in self._folder.iterdir():
            if path not in wanted:
                remove(path)

    def _state(self, number: int) -> Path:
        return self._folder / f"state-{number:05d}.safetensors"
