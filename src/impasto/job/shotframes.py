"""The frames of one shot by number, for what a model measures or learns before it repaints."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from impasto.job.pixels import to_float
from impasto.stylizers.base import FrameArray
from impasto.video.blank import Blank
from impasto.video.types import FrameSource, Shot


class SourceShot:
    """`ShotFrames` over a part of a source; every call of `sample` decodes that part once."""

    def __init__(self, source: FrameSource, shots: Sequence[Shot], number: int):
        self._source = source
        self._shots = shots
        self._shot = shots[number]

    @property
    def count(self) -> int:
        return self._shot.stop - self._shot.start

    @property
    def size(self) -> tuple[int, int]:
        return self._source.info.width, self._source.info.height

    @property
    def blank(self) -> bool:
        return isinstance(self._source, Blank)

    @property
    def clip(self) -> "SourceShot":
        first, last = self._shots[0], self._shots[-1]
        whole = Shot(first.start, last.stop, first.start_time, last.stop_time)
        return SourceShot(self._source, [whole], 0)

    def sample(self, indices: Iterable[int]) -> Iterator[FrameArray]:
        order = deque(indices)
        if not order:
            return
        if min(order) < 0 or max(order) >= self.count:
            raise IndexError(f"frames {min(order)} to {max(order)} of a shot of {self.count}")
        first, stop = min(order), max(order) + 1
        early: dict[int, FrameArray] = {}
        """Frames that come in before they are due."""
        for index, frame in enumerate(self._source.frames(self._shot.start + first, self._shot.start + stop), first):
            if index in order:
                early[index] = to_float(frame.rgb)
            while order and order[0] in early:
                due = order.popleft()
                yield early[due] if due in order else early.pop(due)
