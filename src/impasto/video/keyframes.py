"""Where decoding can start: key frames seen so far."""

from bisect import bisect_right
from typing import NamedTuple

_SPACING = 12


class KeyFrame(NamedTuple):
    number: int
    """In presentation order, from 0."""
    pts: int


class KeyFrames:
    """Grows while a file is decoded; sparse, so that a stream of key frames alone stays small."""

    def __init__(self) -> None:
        self._found: list[KeyFrame] = []

    def add(self, number: int, pts: int) -> None:
        if not self._found or number >= self._found[-1].number + _SPACING:
            self._found.append(KeyFrame(number, pts))

    def before(self, number: int) -> KeyFrame | None:
        """The last key frame known at `number` or before it, None where that is the first frame."""
        place = bisect_right(self._found, number, key=lambda key: key.number) - 1
        return self._found[place] if place > 0 else None
