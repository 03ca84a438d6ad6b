"""The frames of one shot by number, for what a model measures or learns before it repaints."""

from collections.abc import Iterable, Sequence

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

    def sample(self, indices: Iterable[int]) -> list[FrameArray]:
        order = list(indices)
        wanted = set(order)
        if not wanted:
            return []
        if min(wanted) < 0 or max(wanted) >= self.count:
            raise IndexError(f"frames {min(wanted)} to {max(wanted)} of a shot of {self.count}")
        first, stop = min(wanted), max(wanted) + 1
        decoded = self._source.frames(self._shot.start + first, self._shot.start + stop)
        kept = {index: to_float(frame.rgb) for index, frame in enumerate(decoded, first) if index in wanted}
        return [kept[index] for index in order]
