"""The heart of a run: decoding, stylizing and encoding, all three at the same time.

decode thread --(3 frames)--> stylizer, in the calling thread --(3 frames)--> encode thread --> segment files
"""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from impasto.errors import UnreadableInput
from impasto.guidance import Guidance
from impasto.job.changing import Changing
from impasto.job.clock import Clock
from impasto.job.events import FrameDone, Listener, PreparingShot
from impasto.job.mask import Mask, masked
from impasto.job.pixels import to_bytes, to_float
from impasto.job.plan import Plan, PlannedSegment
from impasto.job.shotframes import SourceShot
from impasto.job.threads import Ahead, Behind
from impasto.stylizers.base import FrameArray, State
from impasto.video.encode import SegmentWriter
from impasto.video.types import Frame, FrameSource

FrameAndPixels = tuple[Frame, FrameArray]
"""A frame as decoded, which keeps time and transparency, and its pixels as floats, before or after the model."""


def repaint(
    plan: Plan,
    source: FrameSource,
    stylizer: Changing,
    guidance: Guidance,
    folder: Path,
    on_event: Listener,
    clock: Clock,
) -> list[Path]:
    """Repaint every shot of the plan; returns the files of its segments, in order, in `folder`."""
    mask = Mask(guidance.mask, (plan.source.width, plan.source.height)) if guidance.mask else None

    def write_segments(frames: Iterator[FrameAndPixels]) -> list[Path]:
        files = []
        for number, segment in enumerate(plan.segments):
            file = folder / f"segment-{number:05d}"
            with SegmentWriter(file, plan.format, plan.source) as writer:
                for frame, pixels in _shown(islice(frames, segment.frames), segment, mask):
                    writer.write(replace(frame, rgb=to_bytes(pixels)))
            files.append(file)
        return files

    with (
        Ahead(((frame, to_float(frame.rgb)) for frame in source.frames()), name="decode") as decoded,
        Behind(write_segments, name="encode") as encoder,
    ):
        done = 0
        for number in range(len(plan.shots)):
            with clock.phase("prepare"):
                progress = PreparingShot.reporter(number, len(plan.shots), on_event)
                stylizer.prepare(guidance, plan.looks_of(number), SourceShot(source, plan.shots, number), progress)
            # A cut: nothing of the shot before may show in this one.
            state: State = {}
            for segment in plan.segments_of(number):
                begun, waited = time.perf_counter(), decoded.waited + encoder.waited
                for painted in _stylize(segment, decoded, stylizer, state):
                    encoder.put(painted)
                    done += 1
                    on_event(FrameDone(done, plan.frames))
                clock.seconds["stylize"] += time.perf_counter() - begun - (decoded.waited + encoder.waited - waited)
        files = encoder.finish()
    clock.seconds["decode"] = decoded.busy
    clock.seconds["encode"] = encoder.busy
    return files


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
