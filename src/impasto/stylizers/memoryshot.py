"""A shot whose frames are all in memory: a single picture, or the short clips of tests and measurements."""

from collections.abc import Iterable, Iterator, Sequence

from impasto.stylizers.base import FrameArray


class MemoryShot:
    """`ShotFrames` over a list of frames, all of one size."""

    blank = False

    def __init__(self, frames: Sequence[FrameArray]) -> None:
        self._frames = frames

    @property
    def count(self) -> int:
        return len(self._frames)

    @property
    def size(self) -> tuple[int, int]:
        height, width = self._frames[0].shape[:2]
        return width, height

    @property
    def clip(self) -> "MemoryShot":
        return self

    def sample(self, indices: Iterable[int]) -> Iterator[FrameArray]:
        return (self._frames[index] for index in indices)
