"""Teaching and painting for one row; each runs in a process of its own.

Legend: H height, W width.
"""

import os
import time
from collections.abc import Iterator, Sequence

import cv2
import torch

from impasto.evaluation.tables.methods import guidance_of, stylizer_of, teach
from impasto.evaluation.tables.protocol import Protocol, read_frames
from impasto.evaluation.tables.rows import LearnedMethod, Method, Row
from impasto.evaluation.tables.store import Effort, RowStore
from impasto.job.clock import peak_memory
from impasto.job.pixels import to_bytes, to_float
from impasto.stylizers.base import FrameArray
from impasto.stylizers.memoryshot import MemoryShot
from impasto.video.types import Picture


class Floats(Sequence[FrameArray]):
    """Frames of bytes [H, W, 3] seen as floats, made when asked for: whole clips take little memory."""

    def __init__(self, frames: Sequence[Picture]) -> None:
        self._frames = frames

    def __len__(self) -> int:
        return len(self._frames)

    def __getitem__(self, index: int) -> FrameArray:  # pyright: ignore[reportIncompatibleMethodOverride]
        return to_float(self._frames[index])


def teach_all(method: LearnedMethod, styles: Sequence[str]) -> Iterator[str]:
    """Teach the networks that are not there yet; yields how far it is."""
    for style in styles:
        for step, steps in teach(method, style):
            yield f"learning {style}: step {step} of {steps}"


def paint_row(row: Row, protocol: Protocol, store: RowStore) -> Iterator[str]:
    """Paint the clips that the store lacks; yields the name of each that is done.

    For a process of its own: it keeps to the protocol's number of processor cores.
    """
    keep_to_cores(protocol.cores)
    for clip, style in protocol.pairs:
        if row.method and not store.painted(clip, style):
            frames, effort = paint(row.method, style, read_frames(clip, row.span))
            store.keep_frames(clip, style, frames, effort)
            yield f"{clip} in {style}: {effort.prepare_seconds + effort.paint_seconds:.1f} s"


def keep_to_cores(count: int) -> None:
    """Keep this process and the threads that it will start on so many processor cores, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:count])
    torch.set_num_threads(count)
    cv2.setNumThreads(count)


def paint(method: Method, style: str, sources: list[Picture]) -> tuple[list[Picture], Effort]:
    """Repaint a clip as one shot. The clock does not count loading the model."""
    stylizer, frames = stylizer_of(method, style), Floats(sources)
    begun = time.perf_counter()
    stylizer.prepare(guidance_of(style), MemoryShot(frames), lambda share: None)
    prepared = time.perf_counter()
    painted = [to_bytes(frame) for frame in stylizer.stylize(frames, {})]
    ended = time.perf_counter()
    effort = Effort(
        frames=len(painted),
        prepare_seconds=prepared - begun,
        paint_seconds=ended - prepared,
        peak_bytes=peak_memory(),
    )
    return painted, effort
