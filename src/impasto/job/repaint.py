"""The heart of a run: decoding, stylizing and encoding, all three at the same time.

decode thread --(3 frames)--> stylizer, in the calling thread --(3 frames)--> encode thread --> segment files

Where frames are large fewer wait between the threads.
"""

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import islice, zip_longest
from pathlib import Path

from impasto.errors import UnreadableInput
from impasto.guidance import Guidance
from impasto.job.changing import Changing
from impasto.job.clock import Clock
from impasto.job.drift import MeanColor
from impasto.job.estimate import frames_waiting
from impasto.job.events import FrameDone, Listener, PreparingShot
from impasto.job.journal import SegmentColors
from impasto.job.mask import Mask, masked
from impasto.job.pixels import to_bytes, to_float
from impasto.job.plan import Plan, PlannedSegment
from impasto.job.shotframes import SourceShot
from impasto.job.threads import Ahead, Behind
from impasto.job.workfolder import WorkFolder
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
    folder: WorkFolder,
    state: State,
    on_event: Listener,
    clock: Clock,
) -> None:
    """Repaint the segments of the plan that are not finished yet, and finish them in `folder`.

    `state` is what the last finished segment left for the next; empty where that begins a shot.
    """
    mask = Mask(guidance.mask, (plan.source.width, plan.source.height)) if guidance.mask else None
    first = len(folder.journal.finished)
    done, shot = plan.segments[first].start, None
    waiting = frames_waiting(plan.source)
    frames = ((frame, to_float(frame.rgb)) for frame in source.frames(done))
    with Ahead(frames, "decode", waiting) as decoded:
        for segment, following in zip_longest(plan.segments[first:], plan.segments[first + 1 :]):
            if segment.shot != shot:
                # A cut: nothing of the shot before may show in this one.
                state = state if shot is None else {}
                shot = segment.shot
                with clock.phase("prepare"):
                    progress = PreparingShot.reporter(shot, len(plan.shots), on_event)
                    stylizer.prepare(guidance, plan.looks_of(shot), SourceShot(source, plan.shots, shot), progress)
            begun, waited = time.perf_counter(), decoded.waited
            write = partial(_write, plan, folder.next_segment, segment, mask)
            with Behind(write, "encode", waiting) as encoder:
                for painted in _stylize(segment, decoded, stylizer, state):
                    encoder.put(painted)
                    done += 1
                    on_event(FrameDone(done, plan.frames))
                # The next segment waits until this one is safe, so that no more than one is ever lost.
                colors = encoder.finish()
            goes_on = following is not None and following.shot == shot
            folder.finish(segment, state if goes_on else None, colors)
            clock.seconds["stylize"] += time.perf_counter() - begun - (decoded.waited - waited) - encoder.waited
            clock.seconds["encode"] += encoder.busy
    clock.seconds["decode"] = decoded.busy


def _write(
    plan: Plan, path: Path, segment: PlannedSegment, mask: Mask | None, frames: Iterator[FrameAndPixels]
) -> SegmentColors:
    painted, source = MeanColor(), MeanColor()
    with SegmentWriter(path, plan.format, plan.source) as writer:
        for frame, pixels in _shown(frames, segment, mask):
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
