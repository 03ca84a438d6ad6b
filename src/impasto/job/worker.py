"""The part of a run on many machines that works on each of them: a process that paints segments when it is told to."""

import os
import socket
from dataclasses import dataclass, replace
from pathlib import Path

from impasto.errors import InputError, ModelError, UnreadableInput
from impasto.job.changing import Changing
from impasto.job.clock import Clock
from impasto.job.events import Event, FrameDone, LoadingModel
from impasto.job.hashing import hashes_of_weights
from impasto.job.journal import Finished
from impasto.job.plan import Plan
from impasto.job.repaint import Painter
from impasto.job.request import Request
from impasto.job.segmentstore import SegmentStore
from impasto.job.settings import changes
from impasto.job.versions import package_versions
from impasto.stylizers.base import Model
from impasto.video.source import FrameSource, open_source


@dataclass(frozen=True, kw_only=True)
class Job:
    """All that a worker needs to know of a run."""

    name: str
    """Unlike that of any other job."""
    request: Request
    plan: Plan
    source: FrameSource
    """As opened and read once, so that it knows where decoding can start."""
    model: Model
    segments: SegmentStore
    folder: Path
    """Where paths begin."""
    threads: int
    """Of torch, where the run was begun: rounding follows their number."""
    engine: dict[str, str]
    """`engine_of` the model where the run was begun."""


@dataclass(frozen=True)
class Painted:
    """A segment that is safe on the disk."""

    finished: Finished
    seconds: dict[str, float]
    """By phase."""


def engine_of(model: Model) -> dict[str, str]:
    """What has to be the same on all machines: versions of packages, hashes of weights."""
    return {**package_versions(), **hashes_of_weights(model)}


class Worker:
    """Paints for one job after the other; the shot that was painted last stays prepared."""

    def __init__(self) -> None:
        self._job = ""
        self._latest: Event | None = None

    def paint(self, job: Job, number: int) -> Painted:
        """Paint one segment; those before it in its shot are finished. Raises `ImpastoError`."""
        clock, finished = Clock(), []
        self._latest = None
        if job.name != self._job:
            self._begin(job)
        self._painter.paint([number], finished.append, self._hear, clock)
        return Painted(finished[0], dict(clock.seconds))

    def latest(self) -> Event | None:
        """What happened last in the segment that is being painted."""
        return self._latest

    def _begin(self, job: Job) -> None:
        self._check(job)
        import torch

        torch.set_num_threads(job.threads)
        self._hear(LoadingModel(job.request.model))
        stylizer = Changing(lambda: job.model.load(job.request.preset))
        self._painter = Painter(job.plan, job.source, stylizer, job.request.guidance, job.segments)
        self._job = job.name

    def _check(self, job: Job) -> None:
        machine = socket.gethostname()
        try:
            os.chdir(job.folder)
            job.segments.check()
            open_source(job.source.info.path)
        except (OSError, InputError) as error:
            raise UnreadableInput(
                f"The machine {machine!r} does not see the files of this one ({error}); "
                "share them, under the same paths."
            ) from error
        different = changes(job.engine, engine_of(job.model))
        if different:
            raise ModelError(
                f"The machine {machine!r} differs from this one ({'; '.join(different)}); install the same on both."
            )

    def _hear(self, event: Event) -> None:
        # The frame itself stays here: looking at how far a worker is must cost the network nothing.
        self._latest = replace(event, painted=None) if isinstance(event, FrameDone) else event
