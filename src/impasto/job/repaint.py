"""The heart of a run: decoding, stylizing and encoding, all three at the same time.

decode thread --(3 frames)--> stylizer, in the calling thread --(3 frames)--> encode thread --> segment files

Where frames are large fewer wait between the threads.
"""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby, islice
from pathlib import Path

from impasto.errors import UnreadableInput
from impasto.guidance import Guidance
from impasto.job.changing import Changing
from impasto.job.clock import Clock
from impasto.job.drift import MeanColor
from impasto.job.estimate import frames_waiting
from impasto.job.events import FrameDone, Listener, PreparingShot
from impasto.job.journal import Finished, SegmentColors
from impasto.job.mask import Mask, masked
from impasto.job.pixels import to_bytes, to_float
from impasto.job.plan import Plan, PlannedSegment
from impasto.job.segmentstore import SegmentStore
from impasto.job.shotframes import SourceShot
from impasto.job.tag import tag_of
from impasto.job.threads import Ahead, Behind
from impasto.stylizers.base import FrameArray, State
from impasto.video.encode import SegmentWriter
from impasto.video.files import size_of
from impasto.video.types import Frame, FrameSource

FrameAndPixels = tuple[Frame, FrameArray]
"""A frame as decoded, which keeps time and transparency, and its pixels as floats, before or after the model."""


class Painter:
    """Repaints segments of one plan into a store, with a stylizer that has prepared no shot yet."""

    def __init__(
        self, plan: Plan, source: FrameSource, stylizer: Changing, guidance: Guidance, segments: SegmentStore
    ) -> None:
        self._plan, self._source, self._stylizer = plan, source, stylizer
        self._guidance, self._segments = guidance, segments
        self._mask = Mask(guidance.mask, (plan.source.width, plan.source.height)) if guidance.mask else None
        self._prepared: int | None = None
        """The shot that the stylizer is ready for."""

    def paint(
        self, numbers: Sequence[int], finish: Callable[[Finished], None], on_event: Listener, clock: Clock
    ) -> None:
        """Repaint the segments with these numbers, in order; those before them in their shots are finished.

        `finish` is told of each as soon as it is safe on the disk, and the next one waits for that: no more than one is
        ever lost.
        """
        done = self._plan.frames - self._plan.frames_of(numbers)
        for _, passage in groupby(enumerate(numbers), key=lambda place: place[1] - place[0]):
            done = self._paint_passage([number for _, number in passage], done, finish, on_event, clock)

    def _paint_passage(
        self, numbers: list[int], done: int, finish: Callable[[Finished], None], on_event: Listener, clock: Clock
    ) -> int:
        """Repaint segments that follow each other; `done` frames were before, and the frames done now are returned."""
        plan, source = self._plan, self._source
        first, last = plan.segments[numbers[0]], plan.segments[numbers[-1]]
        state = {} if plan.begins_shot(numbers[0]) else self._segments.state(numbers[0] - 1)
        frames = ((frame, to_float(frame.rgb)) for frame in source.frames(first.start, last.stop))
        waiting = frames_waiting(plan.source)
        with Ahead(frames, "decode", waiting) as decoded:
            for number in numbers:
                segment, path = plan.segments[number], self._segments.path(number)
                if plan.begins_shot(number):
                    # A cut: nothing of the shot before may show in this one.
                    state = {}
                self._prepare(segment.shot, on_event, clock)
                begun, waited = time.perf_counter(), decoded.waited
                with Behind(partial(self._write, path, segment), "encode", waiting) as encoder:
                    for painted in _stylize(segment, decoded, self._stylizer, state):
                        encoder.put(painted)
                        done += 1
                        on_event(FrameDone(done, plan.frames, painted[1]))
                    colors = encoder.finish()
                self._segments.secure(number, None if plan.ends_shot(number) else state)
                size = size_of(path)
                finish(Finished(number=number, start=segment.start, stop=segment.stop, bytes=size, colors=colors))
                clock.seconds["stylize"] += time.perf_counter() - begun - (decoded.waited - waited) - encoder.waited
                clock.seconds["encode"] += encoder.busy
        clock.seconds["decode"] += decoded.busy
        return done

    def _prepare(self, shot: int, on_event: Listener, clock: Clock) -> None:
        if shot == self._prepared:
            return
        plan, self._prepared = self._plan, None
        with clock.phase("prepare"):
            progress = PreparingShot.reporter(shot, len(plan.shots), on_event)
            frames = SourceShot(self._source, plan.shots, shot)
            self._stylizer.prepare(self._guidance, plan.looks_of(shot), frames, progress)
        self._prepared = shot

    def _write(self, path: Path, segment: PlannedSegment, frames: Iterator[FrameAndPixels]) -> SegmentColors:
        painted, source = MeanColor(), MeanColor()
        tag = tag_of(self._plan.model)
        with SegmentWriter(path, self._plan.format, self._plan.source, tag) as writer:
            for frame, pixels in _shown(frames, segment, self._mask):
                rgb = to_bytes(pixels)
                writer.write(replace(frame, rgb=rgb))
                painted.add(rgb)
                source.add(frame.rgb)
        return SegmentColors(painted.lab, source.lab)


def _shown(frames: Iterator[FrameAndPixels], segment: PlannedSegment, mask: Mask | None) -> Iterator[FrameAndPixels]:
    """Painted frames of a segment as the mask lets them through."""
    if mask is None:
        yield from frames
        return
    for (frame, painted), weight in zip(frames, mask.weights(segment.start, segment.stop), strict=True):
        yield frame, masked(to_float(frame.rgb), painted, weight)


def _stylize(
    segment: PlannedSegment, decoded: Ahead[FrameAndPixels], stylizer: Changing, state: State
) -> Iterator[FrameAndPixels]:
    inside: deque[Frame] = deque()
    """Frames that went into the stylizer and have not come out."""
    taken = given = 0

    def feed() -> Iterator[FrameArray]:
        nonlocal taken
        for frame, pixels in islice(decoded, segment.frames):
            inside.append(frame)
            taken += 1
            yield pixels

    for pixels in stylizer.stylize(feed(), state):
        given += 1
        yield inside.popleft(), pixels
    if taken < segment.frames:
        raise UnreadableInput(
            f"The source ended {segment.frames - taken} frames earlier than when its shots were found; "
            "is another program writing to it?"
        )
    if given < taken:
        raise RuntimeError(f"the stylizer gave {given} frames for {taken}")
