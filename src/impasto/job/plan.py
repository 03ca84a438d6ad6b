"""The plan of a run: what will be done to which frames and tracks, and what that takes.

It is made before any model is loaded and refuses what cannot work.
"""

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import psutil

from impasto.errors import ResourceError
from impasto.guidance import Guidance
from impasto.job.checks import (
    check_codec,
    check_makes,
    check_mask,
    check_model_takes,
    check_output,
    check_prompt,
    check_rate,
    check_repaints,
    check_styles,
    check_unmasked,
)
from impasto.job.estimate import memory_needed, output_size
from impasto.job.events import FindingShots, Listener, ignore
from impasto.job.instep import check_guide, check_length
from impasto.job.keyframes import check_keyframes, check_paintings
from impasto.job.looks import FrameNumbers, Look, check_times, plan_looks, times_of
from impasto.job.mask import Mask
from impasto.job.pace import known_pace
from impasto.job.request import Request
from impasto.job.segments import PlannedSegment, cut_segments
from impasto.job.wording import count_text, duration_text, size_text
from impasto.job.workfolder import may_replace
from impasto.stylizers.base import Model, Needs, Preset
from impasto.stylizers.registry import find_model
from impasto.video.blank import Blank, Canvas
from impasto.video.files import size_of, work_path
from impasto.video.formats import OutputFormat, choose_format
from impasto.video.mux import TrackPlan, plan_tracks
from impasto.video.shots import find_shots, shots_from
from impasto.video.sizes import working_size
from impasto.video.source import FrameSource, open_source
from impasto.video.types import Shot, VideoInfo
from impasto.weights.hub import bytes_to_fetch


@dataclass(frozen=True, kw_only=True)
class Plan:
    source: VideoInfo
    output: Path
    format: OutputFormat
    model: str
    preset: Preset
    working_size: tuple[int, int]
    """(width, height) that the model sees; the result has the size of the source."""
    shots: tuple[Shot, ...]
    looks: tuple[Look, ...]
    """Which styles and which prompt hold in which frames."""
    segments: tuple[PlannedSegment, ...]
    tracks: tuple[TrackPlan, ...]
    needs: Needs | None
    """What the model says of itself; None: nothing worth telling."""
    memory_bytes: int
    """Of the machine, the model's included."""
    disk_bytes: int
    """While the run works: its segments and the output exist side by side for a moment."""
    seconds: float | None
    """Expected, as the last run with this model and preset went on this machine; None before the first."""
    notes: tuple[str, ...]

    @property
    def frames(self) -> int:
        return self.shots[-1].stop

    def frames_of(self, numbers: Iterable[int]) -> int:
        """Frames of the segments with these numbers."""
        return sum(self.segments[number].frames for number in numbers)

    def begins_shot(self, number: int) -> bool:
        """Whether segment `number` is the first of its shot."""
        return number == 0 or self.segments[number - 1].shot != self.segments[number].shot

    def ends_shot(self, number: int) -> bool:
        """Whether segment `number` is the last of its shot."""
        return number + 1 == len(self.segments) or self.begins_shot(number + 1)

    def looks_of(self, shot: int) -> list[Look]:
        """The looks of shot number `shot`, in order."""
        return [look for look in self.looks if look.shot == shot]

    def lines(self) -> list[str]:
        """The plan for people."""
        info, fmt = self.source, self.format
        rate = "" if info.kind == "picture" else f" at {float(info.fps):.4g} fps"
        pieces = f"{count_text(len(self.shots), 'shot')} in {count_text(len(self.segments), 'segment')}"
        memory, disk = size_text(self.memory_bytes), size_text(self.disk_bytes)
        lines = [
            f"{info.path}: {info.width}x{info.height}, {count_text(self.frames, 'frame')}{rate}, {pieces}.",
            f"{self.output}: {fmt.codec if fmt.kind == 'video' else fmt.kind}, {self.model}, preset {self.preset}.",
            f"About {memory} of memory and {disk} of disk while it works.",
        ]
        if self.seconds is not None:
            lines.append(f"About {duration_text(self.seconds)}, as fast as the last run was.")
        lines += self.needs.lines if self.needs else ()
        if self.working_size != (info.width, info.height):
            lines.append("The model works at {}x{}; the result returns to full size.".format(*self.working_size))
        return [*lines, *(track.sentence + "." for track in self.tracks), *self.notes]


def make_plan(request: Request, on_event: Listener = ignore) -> Plan:
    """Look at everything that a run needs and plan it; raises `ImpastoError` for what cannot work.

    Reads the whole source once, to find its shots.
    """
    return plan_for(request, open_checked(request), on_event)


def open_checked(request: Request) -> FrameSource:
    """The source of a request that the model can do."""
    model = find_model(request.model)
    for guidance in request.guidances:
        check_model_takes(model, guidance, request.preset)
        check_times(guidance.styles)
        check_keyframes(guidance)
    if isinstance(request.source, Canvas):
        check_makes(model)
        check_unmasked(request.guidance)
        source, inputs = Blank(request.source), request.pictures
    else:
        check_repaints(model)
        source = open_source(request.source, request.fps)
        check_rate(request.fps, source.info)
        inputs = [(request.source, "input"), *request.pictures]
    fmt = choose_format(request.output, source.info, request.codec, request.crf)
    check_codec(fmt, source.info)
    check_output(request.output, fmt, inputs, request.overwrite or may_replace(request.output))
    for guidance in request.guidances:
        check_styles(guidance)
        check_prompt(model, guidance)
    check_mask(request.guidance)
    if request.guidance.guide is not None:
        check_guide(request.guidance.guide, source.info)
    return source


def plan_for(request: Request, source: FrameSource, on_event: Listener) -> Plan:
    """The plan of a request whose source is open."""
    model = find_model(request.model)
    fmt = choose_format(request.output, source.info, request.codec, request.crf)
    numbers = FrameNumbers(times_of(request.guidance))
    shots = _shots_of(request, source, numbers, on_event)
    info = source.info
    looks = plan_looks(request.guidance, shots, numbers, request.shots)
    keyframes = dict.fromkeys(look.keyframe for look in looks if look.keyframe)
    if request.guidance.mask is not None:
        Mask(request.guidance.mask, (info.width, info.height)).check_length(shots[-1].stop)
    capabilities = model.capabilities
    size = working_size(info.width, info.height, capabilities.working_pixels, capabilities.multiple_of)
    needs = model.needs and model.needs(size, shots[-1].stop, request.guidance)
    pace = known_pace(request.model, request.preset)
    plan = Plan(
        source=info,
        output=request.output,
        format=fmt,
        model=request.model,
        preset=request.preset,
        working_size=size,
        shots=tuple(shots),
        looks=looks,
        segments=cut_segments(shots, info.width, info.height),
        tracks=tuple(plan_tracks(info, fmt)),
        needs=needs,
        memory_bytes=memory_needed(info) + (needs.memory_bytes if needs else 0),
        disk_bytes=2 * output_size(info, shots[-1].stop, fmt.codec),
        seconds=pace and pace.seconds(len(shots), info.width * info.height * shots[-1].stop),
        notes=(
            *source.notes,
            *dict.fromkeys(note for guidance in request.guidances for note in _notes_on(model, guidance)),
            *check_paintings(tuple(keyframes), source, shots),
            *_fetch_notes(model.under(request.guidance)),
        ),
    )
    _check_resources(plan)
    return plan


def _shots_of(request: Request, source: FrameSource, numbers: FrameNumbers, on_event: Listener) -> list[Shot]:
    """The shots of the list, else of the guide, in which no flicker looks like a cut, else of the source itself."""
    promised = max(1, source.info.frames)

    def tell(frames: int, time: Fraction) -> None:
        on_event(FindingShots(min(1.0, frames / promised)))

    def watch(frames: int, time: Fraction) -> None:
        numbers.see(time)
        tell(frames, time)

    guide = None if request.guidance.guide is None else open_source(request.guidance.guide)
    if request.shots is not None:
        shots = shots_from(source, request.shots.starts, watch)
        request.shots.check(shots, source.info.fps)
    elif guide is not None:
        shots = shots_from(source, [shot.start for shot in find_shots(guide, tell)], watch)
    else:
        shots = find_shots(source, watch)
    if guide is not None:
        check_length(guide, "guide", shots[-1].stop)
    return shots


def _notes_on(model: Model, guidance: Guidance) -> list[str]:
    return [*check_prompt(model, guidance), *(model.remarks(guidance) if model.remarks else ())]


def _fetch_notes(model: Model) -> list[str]:
    missing = {published.repository: count for published in model.hub if (count := bytes_to_fetch(published))}
    return [f"About {size_text(count)} of {name} are fetched first." for name, count in missing.items()]


def _check_resources(plan: Plan) -> None:
    # What an earlier run left is either gone on with or cleared.
    free = shutil.disk_usage(plan.output.absolute().parent).free + size_of(work_path(plan.output))
    if plan.disk_bytes > free:
        raise ResourceError(
            f"The run needs about {size_text(plan.disk_bytes)} of disk and {size_text(free)} are free; "
            "free some space or choose an output on another disk."
        )
    available = psutil.virtual_memory().available
    if plan.memory_bytes > available:
        raise ResourceError(
            f"The run needs about {size_text(plan.memory_bytes)} of memory and {size_text(available)} are free; "
            "close other programs or use a smaller video."
        )
