"""Cutting shots into segments: the pieces that a run finishes, keeps and joins."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from impasto.job.pixels import FLOAT_BYTES_PER_PIXEL
from impasto.video.types import Shot

LONGEST = 240
"""Frames; about the distance of key frames that encoders choose themselves, since a segment begins with one."""
LARGEST = 2_000_000_000
"""Bytes of the float frames of a segment, for models that work on a whole one."""


@dataclass(frozen=True)
class PlannedSegment:
    """Frames `start` .. `stop` - 1 of the source, all of shot number `shot`."""

    shot: int
    start: int
    stop: int

    @property
    def frames(self) -> int:
        return self.stop - self.start


def cut_segments(shots: Iterable[Shot], width: int, height: int) -> tuple[PlannedSegment, ...]:
    """Segments of nearly equal length within each shot; the same for the same video on every machine."""
    longest = max(1, min(LONGEST, LARGEST // (width * height * FLOAT_BYTES_PER_PIXEL)))
    segments = []
    for number, shot in enumerate(shots):
        frames = shot.stop - shot.start
        parts = ceil(frames / longest)
        edges = [shot.start + frames * part // parts for part in range(parts + 1)]
        segments += [PlannedSegment(number, start, stop) for start, stop in pairwise(edges)]
    return tuple(segments)
