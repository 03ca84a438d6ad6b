"""The whole flow of one run:

source -> shots -> plan -> for each shot: prepare, stylize its segments -> join them with the original tracks -> record
"""

from impasto.errors import ResourceError
from impasto.job.changing import Changing
from impasto.job.clock import Clock
from impasto.job.events import Joining, Listener, LoadingModel, Planned, ignore
from impasto.job.pace import Pace, keep_pace
from impasto.job.plan import Plan, open_checked, plan_for
from impasto.job.record import RunRecord, make_record, write_record
from impasto.job.repaint import repaint
from impasto.job.request import Request
from impasto.job.workfolder import interruption_told, work_folder
from impasto.stylizers.registry import find_model
from impasto.video.mux import mux


def run(request: Request, on_event: Listener = ignore) -> RunRecord:
    """Repaint `request.source` into `request.output` and write the run record beside it.

    Raises `ImpastoError`. Unless it returns, the output is as it was before; after an interruption `OUT.impasto/` is
    left, else nothing.
    """
    try:
        with interruption_told(request.output):
            return _run(request, on_event)
    except MemoryError as error:
        raise ResourceError("Out of memory; close other programs or use a smaller video.") from error


def _run(request: Request, on_event: Listener) -> RunRecord:
    clock = Clock()
    source = open_checked(request)
    with clock.phase("shots"):
        plan = plan_for(request, source, on_event)
    on_event(Planned(plan))
    with work_folder(request.output) as folder:
        with clock.phase("startup"):
            on_event(LoadingModel(request.model))
            model = find_model(request.model)
            stylizer = Changing(lambda: model.load(request.preset))
        with clock.phase("repaint"):
            segments = repaint(plan, source, stylizer, request.guidance, folder.segments, on_event, clock)
        _keep_pace(plan, clock)
        with clock.phase("mux"):
            on_event(Joining())
            notes = mux(segments, source, plan.format, folder.finished, list(plan.tracks), {})
        record = make_record(request, plan, source, folder.finished, notes, clock)
        folder.put_in_place()
    write_record(record, request.record_file)
    return record


def _keep_pace(plan: Plan, clock: Clock) -> None:
    prepare, whole = clock.seconds["prepare"], clock.seconds["repaint"]
    pixels = plan.source.width * plan.source.height * plan.frames
    pace = Pace(prepare / len(plan.shots), pixels / max(whole - prepare, 1e-6))
    keep_pace(plan.model, plan.preset, pace)
