"""Many runs, one after the other or several at once: what fails does not stop the others."""

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event as Flag
from threading import Lock

from impasto.errors import Interrupted, OutputProblem
from impasto.job.batchlist import Problems, read_batch
from impasto.job.events import Event, Outcome
from impasto.job.hashing import hashes_of
from impasto.job.plan import open_checked
from impasto.job.request import Request
from impasto.job.run import Paint, paint_here, run
from impasto.job.settings import changes, settings_of
from impasto.video.files import size_of, work_path, writing
from impasto.video.formats import choose_format
from impasto.video.source import open_source


@dataclass(frozen=True, kw_only=True)
class BatchRun:
    """One run of a batch."""

    request: Request
    is_done: bool
    """By an earlier batch, with the same settings."""


BatchListener = Callable[[int, Event | Outcome], None]
"""Takes the number of a run, 0 is the first, and what happens in it; may raise as a `Listener` does."""


def plan_batch(path: Path, common: Request, folder: Path | None = None) -> list[BatchRun]:
    """Read a list (see `read_batch`) and check every run of it; no model is loaded and no frame decoded.

    `folder`, which is made where it is missing, is for outputs that the list does not say. Raises `InputError`, which
    says all that is wrong, by line.
    """
    with _made(folder):
        problems = Problems(path)
        listed = read_batch(path, common, folder, problems)
        sources = {_file(request).resolve() for _, request in listed}
        lines: dict[Path, int] = {}
        runs = []
        for line, request in listed:
            with problems.of(line):
                _check_apart(request, sources, lines, line)
                is_done = _is_done(request)
                if not is_done:
                    open_checked(request)
                runs.append(BatchRun(request=request, is_done=is_done))
        problems.tell()
    return runs


def run_batch(
    runs: Sequence[BatchRun], on_event: BatchListener, paint: Paint = paint_here, at_once: int = 1
) -> list[Outcome]:
    """Run everything that is not done; a run that fails is told in its outcome.

    `at_once` runs go on at the same time, for a `paint` that leaves the work to others. Raises `Interrupted`.
    """
    stopped, one_at_a_time, numbers = Flag(), Lock(), range(len(runs))

    def tell(number: int, event: Event | Outcome) -> None:
        with one_at_a_time:
            if stopped.is_set():
                raise KeyboardInterrupt
            on_event(number, event)

    def outcome(number: int) -> Outcome:
        result = _outcome(runs[number], partial(tell, number), paint)
        tell(number, result)
        return result

    try:
        if at_once == 1:
            return list(map(outcome, numbers))
        with ThreadPoolExecutor(at_once) as threads:
            try:
                return list(threads.map(outcome, numbers))
            finally:
                stopped.set()  # before the threads are waited for
    except (KeyboardInterrupt, Interrupted) as stop:
        raise Interrupted(
            f"Stopped before all {len(runs)} runs were complete; "
            "the same command without --overwrite goes on from there."
        ) from stop


def _outcome(one: BatchRun, tell: Callable[[Event], None], paint: Paint) -> Outcome:
    outcome = partial(Outcome, source=_file(one.request), output=one.request.output)
    if one.is_done:
        return outcome(state="done before")
    try:
        record = run(one.request, tell, paint)
    except Interrupted:
        raise
    except Exception as error:  # an error of ours as well: the others of a long night are not to suffer from it
        return outcome(state="failed", error=error)
    return outcome(state="done", frames=record.frames, seconds=record.timings["total"])


def _file(request: Request) -> Path:
    assert isinstance(request.source, Path)  # a list holds nothing that is made from nothing
    return request.source


def _is_done(request: Request) -> bool:
    """Whether the output is there and whole; raises `OutputProblem` where it is of other settings."""
    output = request.output
    if request.overwrite or not output.exists() or work_path(output).exists():
        return False
    try:
        record = json.loads(request.record_file.read_text(encoding="utf-8"))
        settings, size = record["settings"], record["output"]["bytes"]
    except (OSError, ValueError, KeyError, TypeError):
        return False
    if size != size_of(output):
        return False
    fmt = choose_format(output, open_source(_file(request), request.fps).info, request.codec, request.crf)
    changed = changes(settings, settings_of(request, fmt, hashes_of(request)))
    # Newer packages are no reason to paint again what is complete.
    changed = [change for change in changed if not change.startswith("version of ")]
    if changed:
        raise OutputProblem(
            f"The output {str(output)!r} is of a run that differs ({'; '.join(changed)}); "
            "add --overwrite for a new run, or choose another output."
        )
    return True


def _check_apart(request: Request, sources: set[Path], lines: dict[Path, int], line: int) -> None:
    # Outputs that differ in their endings only would share a run record.
    first = lines.setdefault(request.record_file.resolve(), line)
    if first != line:
        raise OutputProblem(
            f"The output {str(request.output)!r}, or its run record, is that of line {first} as well; "
            "give each a name of its own."
        )
    if request.output.resolve() in sources:
        raise OutputProblem(f"The output {str(request.output)!r} is a source of the list; choose another name.")


@contextmanager
def _made(folder: Path | None) -> Iterator[None]:
    """Make the folder where it is missing; an error takes it back."""
    if folder is None or folder.is_dir():
        yield
        return
    with writing(folder):
        folder.mkdir()
    try:
        yield
    except BaseException:
        with suppress(OSError):
            folder.rmdir()
        raise
