"""Many machines: the shots of runs are painted by workers on a Ray cluster that shares the files.

run (a thread each) --(shots)--> a thread for each worker --(one segment after the other)--> worker, in a Ray process

Only here is a journal written: a worker that dies loses the segment that it is at, and another one goes on from there.
"""

import logging
import os
import signal
import threading
import uuid
from collections.abc import Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from importlib import import_module
from itertools import groupby
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from impasto.errors import ResourceError, UnsupportedOption
from impasto.job.clock import Clock
from impasto.job.events import Event, FrameDone, Listener
from impasto.job.run import Work
from impasto.job.worker import Job, Painted, Worker, engine_of
from impasto.stylizers.registry import find_model

LOCAL = "local"
ATTEMPTS = 3
"""At a segment, before its run fails: what kills one worker after the other is seldom chance."""
SECONDS_BETWEEN_LOOKS = 1.0
STORE_BYTES = 100_000_000
"""For what Ray passes around on this machine: plans, no frames."""


class Cluster:
    """Workers on a Ray cluster, for as long as the block lasts."""

    def __init__(self, address: str, workers: int | None = None, accelerated: bool = False) -> None:
        """Connect to `ray://HOST:PORT`, or start Ray on this machine for "local".

        Args:
            workers: by default one for each accelerator that there is where `accelerated`, else one for each machine: a
                worker uses all cores.
            accelerated: each worker gets an accelerator to itself, where there are any.

        Raises:
            UnsupportedOption: Ray is missing or cannot be reached.
        """
        self._ray = connected(address, workers)
        accelerators = int(self._ray.cluster_resources().get("GPU", 0)) if accelerated else 0
        machines = sum(node["Alive"] and node["Resources"].get("CPU", 0) >= 1 for node in self._ray.nodes())
        self.size = workers or accelerators or max(1, machines)
        # Spread, so that machines get their shares.
        self._worker = self._ray.remote(Worker).options(
            num_cpus=1, num_gpus=1 if accelerators else 0, max_concurrency=2, scheduling_strategy="SPREAD"
        )
        self._threads = ThreadPoolExecutor(self.size, thread_name_prefix="worker")
        self._mine = threading.local()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._threads.shutdown()
        self._ray.shutdown()

    def paint(self, work: Work, on_event: Listener, clock: Clock) -> None:
        """See `impasto.job.run.Paint`; may be called by several threads, and the runs take their turns shot by shot."""
        import torch

        model = find_model(work.request.model).under(work.request.guidance)
        job = Job(
            name=uuid.uuid4().hex,
            request=work.request,
            plan=work.plan,
            source=work.source,
            model=model,
            segments=work.folder.segments,
            folder=Path.cwd(),
            threads=torch.get_num_threads(),
            engine=engine_of(model),
        )
        painting = _Painting(work, on_event, clock)
        with clock.phase("repaint"):
            sent = self._ray.put(job)
            shots = groupby(work.numbers, key=lambda number: work.plan.segments[number].shot)
            waiting = [self._threads.submit(self._paint_shot, sent, list(numbers), painting) for _, numbers in shots]
            try:
                done, _ = wait(waiting, return_when=FIRST_EXCEPTION)
                for future in done:
                    future.result()
            finally:
                painting.stopped.set()
                for future in waiting:
                    future.cancel()
                wait(waiting)

    def _paint_shot(self, job: Any, numbers: list[int], painting: "_Painting") -> None:
        for number in numbers:
            painting.finish(self._paint_segment(job, number, painting))

    def _paint_segment(self, job: Any, number: int, painting: "_Painting") -> Painted:
        causes = set()
        for _ in range(ATTEMPTS):
            try:
                return self._try_segment(job, number, painting)
            except self._ray.exceptions.RayError as error:
                causes.add(str(error).partition("\n")[0])
        raise ResourceError(
            f"{ATTEMPTS} workers died one after the other at {painting.passage(number)} ({'; '.join(sorted(causes))}); "
            "most often memory is short: use fewer workers, and see the log of Ray."
        )

    def _try_segment(self, job: Any, number: int, painting: "_Painting") -> Painted:
        try:
            if not hasattr(self._mine, "worker"):
                self._mine.worker = self._worker.remote()
            worker = self._mine.worker
            result = worker.paint.remote(job, number)
            while not self._ray.wait([result], timeout=SECONDS_BETWEEN_LOOKS)[0]:
                event = None
                with suppress(self._ray.exceptions.GetTimeoutError):
                    event = self._ray.get(worker.latest.remote(), timeout=SECONDS_BETWEEN_LOOKS)
                painting.hear(number, event)
            return self._ray.get(result)
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from error
        except BaseException:
            # It is dead, or nobody waits for it any more; in no case may it go on writing.
            self._ray.kill(self._mine.worker)
            del self._mine.worker
            raise


class _Painting:
    """What is under way of one run, told by all workers that paint for it."""

    def __init__(self, work: Work, on_event: Listener, clock: Clock) -> None:
        self.stopped = threading.Event()
        self._work, self._on_event, self._clock = work, on_event, clock
        self._one_at_a_time = threading.Lock()
        self._done = work.plan.frames - work.plan.frames_of(work.numbers)
        self._under_way: dict[int, int] = {}
        """Frames by segment."""

    def hear(self, number: int, event: Event | None) -> None:
        """A worker tells the event, or nothing; raises what the listener of the run raises."""
        with self._one_at_a_time:
            if self.stopped.is_set():
                raise _AbandonedError
            plan = self._work.plan
            if isinstance(event, FrameDone):
                self._under_way[number] = event.done - (plan.frames - plan.frames_of([number]))
            elif event is not None:
                self._on_event(event)
            self._on_event(FrameDone(self._done + sum(self._under_way.values()), plan.frames))

    def finish(self, painted: Painted) -> None:
        """A segment is safe on the disk."""
        finished = painted.finished
        with self._one_at_a_time:
            self._work.folder.finish(finished)
            self._under_way.pop(finished.number, None)
            self._done += finished.stop - finished.start
            for phase, seconds in painted.seconds.items():
                self._clock.seconds[phase] += seconds
        self.hear(finished.number, None)

    def passage(self, number: int) -> str:
        """A segment in words."""
        segment = self._work.plan.segments[number]
        return f"the frames {segment.start} to {segment.stop - 1} of {str(self._work.plan.source.path)!r}"


class _AbandonedError(Exception):
    """Another shot of the same run failed."""


def connected(address: str, workers: int | None) -> Any:
    """The module `ray`, connected; raises `UnsupportedOption` where it is missing or cannot be reached."""
    if address != LOCAL and not address.startswith("ray://"):
        raise UnsupportedOption(f"--on {address!r} is no cluster; give ray://HOST:PORT, or local for this machine.")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        ray = import_module("ray")
    except ImportError as error:
        raise UnsupportedOption(
            "--on needs Ray, which is missing; run pip install '.[ray]' in Impasto's folder."
        ) from error
    options = {"num_cpus": workers or 1, "include_dashboard": False, "object_store_memory": STORE_BYTES}
    with _signals_kept():
        try:
            ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **(options if address == LOCAL else {}))
        except Exception as error:  # of any kind, among them `Exception` itself
            raise UnsupportedOption(f"--on {address!r} gives no cluster: {error}") from error
    return ray


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Ray takes SIGTERM for itself; it stays with those who had it."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    if signal.getsignal(signal.SIGTERM) is not before:
        signal.signal(signal.SIGTERM, before)
