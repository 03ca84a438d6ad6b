"""An output and its source, opened, checked and brought together frame by frame.

Legend: H height, W width. Frames are float32 RGB [H, W, 3] in [0, 1].
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice, repeat

import cv2
import numpy as np

from impasto.errors import InputError
from impasto.evaluation.metrics.frames import Frame
from impasto.evaluation.metrics.metric import Look
from impasto.evaluation.metrics.motion import RATE
from impasto.evaluation.running.alignment import Alignment, Timeline, Times, align
from impasto.evaluation.running.comparison import Comparison
from impasto.job.pixels import to_float
from impasto.video.pictures import over_white
from impasto.video.source import FrameSource, open_source
from impasto.video.types import Frame as VideoFrame
from impasto.video.types import Picture


class Clip:
    """A `Footage` that knows where it comes from; reads both files anew as often as it is asked.

    Raises:
        InputError: a file cannot be read, or output and source are not of the same moments, or of other sizes and
            `resize` is not wanted.
    """

    def __init__(self, comparison: Comparison, resize: bool = False) -> None:
        self.comparison = comparison
        self.notes: list[str] = []
        self._output, self._source = _open(comparison)
        self._alignment: Alignment | None = None
        self.fps: Fraction = self._output.info.fps
        self.width, self.height = self._output.info.width, self._output.info.height
        timeline = _timeline(self._output)
        self.times: Times = timeline.times
        """Seconds of the frames that count."""
        self.duration = timeline.duration
        if self._output.info.kind == "folder" and (self._source is None or self._source.info.kind == "folder"):
            self.notes.append(f"Pictures have no rate of their own; {self.fps} a second is assumed.")
        if self._source:
            self._match_sizes(self._source, resize)
            self._match_times(timeline, _timeline(self._source))
        self.notes += [*self._output.notes, *(self._source.notes if self._source else [])]

    @property
    def aligned(self) -> str:
        """How the frames of both were brought together; empty where there is no source."""
        return self._alignment.way if self._alignment else ""

    @property
    def frames(self) -> int:
        return len(self.times)

    def step(self, every_frame: bool) -> int:
        """Of how many frames one is looked at, so that about `RATE` a second are."""
        return 1 if every_frame else max(1, round(self.fps / RATE))

    def outputs(self) -> Iterator[Frame]:
        """See `Footage.outputs`."""
        return (to_float(self._cropped(frame)) for frame in self._output.frames(0, self.frames))

    def sources(self) -> Iterator[Frame]:
        """See `Footage.sources`; raises `InputError` where there is no source."""
        if self._source is None or self._alignment is None:
            raise InputError(f"{str(self.comparison.output)!r} has no source to compare with; give it.")
        uses = np.bincount(self._alignment.partners)
        for frame, count in zip(self._source.frames(0, len(uses)), uses, strict=True):
            if count:
                yield from repeat(to_float(self._resized(frame)), count)

    def looks(self, step: int) -> Iterator[Look]:
        """Every `step`-th moment."""
        sources = self.sources() if self._source else repeat(None, self.frames)
        moments = zip(self.outputs(), sources, strict=True)
        return (Look(output, source) for output, source in islice(moments, 0, None, step))

    def pictures(self, number: int) -> tuple[Picture, Picture | None]:
        """Output and source of one moment as bytes, uint8 [H, W, 3]."""
        (output,) = self._output.frames(number, number + 1)
        if self._source is None or self._alignment is None:
            return self._cropped(output), None
        partner = int(self._alignment.partners[number])
        (source,) = self._source.frames(partner, partner + 1)
        return self._cropped(output), self._resized(source)

    def _cropped(self, frame: VideoFrame) -> Picture:
        return _opaque(frame)[: self.height, : self.width]

    def _resized(self, frame: VideoFrame) -> Picture:
        picture, size = _opaque(frame), (self.width, self.height)
        if picture.shape[1::-1] == size:
            return picture
        way = cv2.INTER_AREA if self.width < picture.shape[1] else cv2.INTER_CUBIC
        return cv2.resize(picture, size, interpolation=way).astype(np.uint8, copy=False)

    def _match_sizes(self, source: FrameSource, resize: bool) -> None:
        size, wanted = (self.width, self.height), (source.info.width, source.info.height)
        if size == wanted:
            return
        if size == tuple(side + side % 2 for side in wanted):
            self.width, self.height = wanted
            self.notes.append(
                f"The encoder made the size even; the output is cropped to the source's {_size(wanted)} pixels."
            )
        elif resize:
            self.notes.append(f"The source is scaled from {_size(wanted)} to the output's {_size(size)} pixels.")
        else:
            raise InputError(
                f"{str(self.comparison.output)!r} has {_size(size)} pixels and its source "
                f"{str(self.comparison.source)!r} {_size(wanted)}; give the source of this size, or add --resize."
            )

    def _match_times(self, output: Timeline, source: Timeline) -> None:
        self._alignment = align(output, source)
        left_out = self.frames - len(self._alignment.partners)
        if left_out:
            self.times = self.times[:-left_out]
            self.notes.append(f"The source ends early; the last {left_out} of the output's frames are left out.")
        if self.aligned == "by time":
            self.notes.append(
                f"Brought together by time: the output has {len(output.times)} frames, the source {len(source.times)}."
            )


class SourceAlone:
    """The `Footage` of a clip as if the source had been left as it is."""

    def __init__(self, clip: Clip) -> None:
        self.fps, self.outputs, self.sources = clip.fps, clip.sources, clip.sources


def _open(comparison: Comparison) -> tuple[FrameSource, FrameSource | None]:
    output = open_source(comparison.output)
    if comparison.source is None:
        return output, None
    # Pictures have no rate of their own; they take that of the video they belong to.
    source = open_source(comparison.source, output.info.fps)
    if source.info.kind == "video" and output.info.kind != "video":
        output = open_source(comparison.output, source.info.fps)
    return output, source


def _timeline(video: FrameSource) -> Timeline:
    """Of a pass over small pictures: a file does not always know how many frames it has."""
    times = np.array([float(time) for time, _ in video.small_frames(16)])
    return Timeline(str(video.info.path), times, float(video.info.duration))


def _opaque(frame: VideoFrame) -> Picture:
    return frame.rgb if frame.alpha is None else over_white(frame.rgb, frame.alpha)


def _size(size: Sequence[int]) -> str:
    return f"{size[0]}x{size[1]}"
