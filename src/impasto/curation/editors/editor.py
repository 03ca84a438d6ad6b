"""What an editor is."""

from typing import Protocol

from impasto.video.types import Picture


class Editor(Protocol):
    def edited(self, picture: Picture, instruction: str, seed: int) -> Picture:
        """A picture as an instruction wants it, of the same size; raises `ModelError`."""
        ...
