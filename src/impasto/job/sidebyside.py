"""Several sources as one: their frames beside each other."""

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import Any

import cv2
import numpy as np

from impasto.job.mosaic import mosaic_for, square_pixels
from impasto.video.pictures import over_white
from impasto.video.source import FrameSource
from impasto.video.types import Frame, Picture, VideoInfo


class SideBySide:
    """A `FrameSource` with the frame times and tracks of its leader, one of the sources."""

    def __init__(self, sources: list[FrameSource], leader: FrameSource, labels: list[str]):
        self._sources, self._leader = sources, leader
        self._mosaic = mosaic_for(leader.info, len(sources))
        self._strips = self._mosaic.strips(labels)

    @property
    def info(self) -> VideoInfo:
        width, height = self._mosaic.size
        return replace(self._leader.info, width=width, height=height, sample_aspect=Fraction(1), has_alpha=False)

    @property
    def notes(self) -> list[str]:
        return [note for source in self._sources for note in source.notes]

    @property
    def record(self) -> dict[str, Any]:
        return self._leader.record

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        others = [None if source is self._leader else Playing(source) for source in self._sources]
        for frame in islice(self._leader.frames(0, stop), start, None):
            # Between two frame times, so that the rounding of a container's clock cannot show a neighbour.
            middle = frame.time + frame.duration / 2
            pictures = [other.at(middle) if other else shown(frame, self._leader) for other in others]
            yield replace(frame, rgb=self._mosaic.sheet(pictures, self._strips), alpha=None)

    def small_frames(self, max_side: int) -> Iterator[tuple[Fraction, Picture]]:
        for frame in self.frames():
            scale = min(1.0, max_side / max(frame.rgb.shape[:2]))
            yield frame.time, cv2.resize(frame.rgb, None, fx=scale, fy=scale).astype(np.uint8, copy=False)


class Playing:
    """What a source shows at rising times; its last frame stays."""

    def __init__(self, source: FrameSource):
        self._source = source
        self._frames = source.frames()
        self._current = next(self._frames)
        self._next = next(self._frames, None)

    def at(self, time: Fraction) -> Picture:
        while self._next is not None and self._next.time <= time:
            self._current, self._next = self._next, next(self._frames, None)
        return shown(self._current, self._source)


def shown(frame: Frame, source: FrameSource) -> Picture:
    """A frame with square pixels and without holes."""
    rgb = frame.rgb if frame.alpha is None else over_white(frame.rgb, frame.alpha)
    return square_pixels(rgb, source.info.sample_aspect)
