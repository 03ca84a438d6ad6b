"""The whole flow of one run:

source -> shots -> plan -> for each shot: prepare, stylize its segments -> join them with the original tracks -> record
"""

from collections.abc import Callable
from dataclasses import dataclass

from impasto.errors import ResourceError
from impasto.job.changing import Changing
from impasto.job.clock import Clock
from impasto.job.drift import drift_of_shots
from impasto.job.events import Joining, Listener, LoadingModel, Planned, Resuming, ignore
from impasto.job.hashing import hashes_of
from impasto.job.pace import Pace, keep_pace
from impasto.job.plan import Plan, open_checked, plan_for
from impasto.job.record import RunRecord, make_record, write_record
from impasto.job.repaint import Painter
from impasto.job.request import Request
from impasto.job.settings import settings_of
from impasto.job.tag import tag_of
from impasto.job.workfolder import WorkFolder, interruption_told, work_folder
from impasto.stylizers.registry import find_model
from impasto.video.formats import choose_format
from impasto.video.mux import mux
from impasto.video.types import FrameSource


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is left to paint of a run."""

    request: Request
    plan: Plan
    source: FrameSource
    numbers: list[int]
    """Of the segments, in order."""
    folder: WorkFolder
    """Takes the segments, and is told of each that is finished."""


Paint = Callable[[Work, Listener, Clock], None]


def paint_here(work: Work, on_event: Listener, clock: Clock) -> None:
    """Paint in this process, one segment after the other."""
    plan, request = work.plan, work.request
    with clock.phase("startup"):
        on_event(LoadingModel(request.model))
        model = find_model(request.model)
        stylizer = Changing(lambda: model.load(request.preset))
    with clock.phase("repaint"):
        painter = Painter(plan, work.source, stylizer, request.guidance, work.folder.segments)
        painter.paint(work.numbers, work.folder.finish, on_event, clock)
    _keep_pace(plan, work.numbers, clock)


def run(request: Request, on_event: Listener = ignore, paint: Paint = paint_here) -> RunRecord:
    """Repaint `request.source` into `request.output` and write the run record beside it.

    Goes on with what a stopped run of the same settings left in `OUT.impasto/`, unless `request.overwrite`. Raises
    `ImpastoError`. Unless it returns, the output is as it was before, and what is finished stays in `OUT.impasto/`.
    """
    try:
        with interruption_told(request.output):
            return _run(request, on_event, paint)
    except MemoryError as error:
        raise ResourceError("Out of memory; close other programs or use a smaller video.") from error


def _run(request: Request, on_event: Listener, paint: Paint) -> RunRecord:
    clock = Clock()
    source = open_checked(request)
    with clock.phase("hash"):
        hashes = hashes_of(request)
    settings = settings_of(request, choose_format(request.output, source.info, request.codec, request.crf), hashes)
    with work_folder(request.output, settings, request.overwrite) as folder:
        with clock.phase("shots"):
            plan = plan_for(request, source, on_event)
        numbers = folder.resume(plan.segments)
        resumed = len(folder.journal.finished)
        on_event(Planned(plan))
        if resumed:
            on_event(Resuming(resumed, len(plan.segments)))
        if numbers:
            work = Work(request=request, plan=plan, source=source, numbers=numbers, folder=folder)
            paint(work, on_event, clock)
        with clock.phase("mux"):
            on_event(Joining())
            segments = [folder.segments.path(number) for number in range(len(plan.segments))]
            notes = mux(segments, source, plan.format, folder.finished, list(plan.tracks), tag_of(plan.model))
        drift = drift_of_shots(plan.segments, folder.journal.finished)
        record = make_record(request, plan, source, hashes, settings, numbers, drift, folder.finished, notes, clock)
        # The output comes last: a run that is killed on the way finds all it needs to do this again.
        folder.journal.placing()
        write_record(record, request.record_file)
        folder.put_in_place()
    return record


def _keep_pace(plan: Plan, numbers: list[int], clock: Clock) -> None:
    prepare, whole = clock.seconds["prepare"], clock.seconds["repaint"]
    shots = len({plan.segments[number].shot for number in numbers})
    pixels = plan.source.width * plan.source.height * plan.frames_of(numbers)
    pace = Pace(prepare / shots, pixels / max(whole - prepare, 1e-6))
    keep_pace(plan.model, plan.preset, pace)
