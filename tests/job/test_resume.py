"""A run that was stopped goes on, and what it gives is what an unbroken run gives."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from impasto.errors import Interrupted, OutputProblem
from impasto.guidance import Guidance, Style
from impasto.job import segments
from impasto.job.clock import Clock
from impasto.job.events import Event, FrameDone, Joining, Listener, LoadingModel, Resuming
from impasto.job.request import Request
from impasto.job.run import Work, paint_here, run
from impasto.video.pictures import read_picture, write_picture
from impasto.video.source import open_source
from tests.clips import make_clip, picture

pytestmark = pytest.mark.usefixtures("toy")
FRAMES = 40
CUT = 24


@pytest.fixture(autouse=True)
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shots of 24 and 16 frames in segments of 6 and 5 or 6."""
    monkeypatch.setattr(segments, "LONGEST", 6)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    rng = np.random.default_rng(0)
    scenes = [np.kron(rng.integers(0, 255, (6, 8, 3), np.uint8), np.ones((8, 8, 1), np.uint8)) for _ in range(2)]
    frames = (np.roll(scenes[n >= CUT], n, 1) for n in range(FRAMES))
    return make_clip(tmp_path / "in.mp4", frames=FRAMES, pictures=frames, sounds=["eng"], options={"g": "10"})


@pytest.fixture
def ask(tmp_path: Path, clip: Path, painting: Path) -> Callable[..., Request]:
    def request(output: str = "out.mkv", strength: float = 1.0, source: Path = clip, **options) -> Request:
        guidance = Guidance(styles=(Style(image=painting),), strength=strength)
        return Request(source=source, output=tmp_path / output, guidance=guidance, model="toy", **options)

    return request


class StopAt:
    """A listener that stops a run after a number of frames, and remembers what it heard."""

    def __init__(self, frame: int | None = None, error: BaseException | None = None) -> None:
        self.frame, self.error = frame, error or KeyboardInterrupt()
        self.events: list[Event] = []

    def __call__(self, event: Event) -> None:
        self.events.append(event)
        if isinstance(event, FrameDone) and event.done == self.frame:
            raise self.error

    @property
    def painted(self) -> list[int]:
        return [event.done for event in self.events if isinstance(event, FrameDone)]

    @property
    def resumed(self) -> list[int]:
        return [event.segments for event in self.events if isinstance(event, Resuming)]


def stop(request: Request, frame: int, kind: type[BaseException] = Interrupted) -> None:
    with pytest.raises(kind):
        run(request, StopAt(frame, None if kind is Interrupted else kind()))


def contents(path: Path) -> list[bytes]:
    return [frame.rgb.tobytes() for frame in open_source(path).frames()]


def journal_of(request: Request) -> Path:
    return request.output.with_name(request.output.name + ".impasto") / "journal.jsonl"


# Within the first segment; at a segment's last frame; after one; in the last of the first shot; just after the cut; at
# the very end.
@pytest.mark.parametrize("frame", [3, 6, 7, 23, 25, 33, FRAMES])
def test_the_frames_are_those_of_an_unbroken_run(ask, frame):
    run(ask("whole.mkv"))
    request = ask()
    stop(request, frame)
    listener = StopAt()
    record = run(request, listener)
    assert contents(request.output) == contents(ask("whole.mkv").output)
    assert listener.painted == list(range(listener.painted[0], FRAMES + 1))
    assert frame - listener.painted[0] < 6  # no more than the segment in which it was stopped
    assert record.resumed_segments == sum(listener.resumed)
    assert not journal_of(request).parent.exists()


def test_stopping_at_every_segment_and_going_on(ask):
    run(ask("whole.mkv"))
    request = ask()
    for frame in (5, 8, 14, 20, 26, 31, 36):
        stop(request, frame)
    assert run(request).resumed_segments == 6
    assert contents(request.output) == contents(ask("whole.mkv").output)


@pytest.mark.parametrize("output", ["out.mp4", "out.mov", "out.gif", "out"])
def test_every_kind_of_output(ask, output):
    whole = ask(f"whole-{output}")
    run(whole)
    request = ask(output)
    stop(request, 20)
    assert run(request).resumed_segments == 3
    assert contents(request.output) == contents(whole.output)


def test_a_picture_has_nothing_to_go_on_from(ask, tmp_path):
    write_picture(tmp_path / "in.png", picture(0, 32, 24))
    request = ask("out.png", source=tmp_path / "in.png")
    stop(request, 1)
    assert run(request).resumed_segments == 0
    assert read_picture(request.output)[0].shape == (24, 32, 3)


def test_only_the_joining_is_done_again(ask):
    request = ask()

    def fail(event: Event) -> None:
        if isinstance(event, Joining):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(request, fail)
    listener = StopAt()
    record = run(request, listener)
    assert not any(isinstance(event, LoadingModel | FrameDone) for event in listener.events)
    assert record.resumed_segments == len(record.plan["segments"])
    run(ask("whole.mkv"))
    assert contents(request.output) == contents(ask("whole.mkv").output)


def test_killed_before_the_last_clearing_up(ask):
    """The output is there and is its own; the folder is left."""
    request = ask()
    run(request)
    whole = contents(request.output)
    finished = ask("second.mkv")
    stop(finished, FRAMES)  # all but the last segment
    request.output.rename(finished.output)
    with pytest.raises(OutputProblem, match="exists; add --overwrite"):
        run(finished)
    with journal_of(finished).open("a") as journal:
        journal.write('{"may_replace": true}\n')
    run(finished)
    assert contents(finished.output) == whole


@pytest.mark.parametrize("torn", ["{", '{"start": 12, "sto', '{"start": 12}\n', "\0\0\0\0", "[]\n", "7\n"])
def test_a_torn_line_is_dropped(ask, torn):
    run(ask("whole.mkv"))
    request = ask()
    stop(request, 15)
    with journal_of(request).open("a") as journal:
        journal.write(torn)
    stop(request, 26)
    lines = journal_of(request).read_text().splitlines()
    assert [json.loads(line).get("stop") for line in lines] == [None, 6, 12, 18, 24]
    run(request)
    assert contents(request.output) == contents(ask("whole.mkv").output)


@pytest.mark.parametrize("lost", ["segment-00001", "state-00002.safetensors", "journal.jsonl"])
@pytest.mark.parametrize("how", ["missing", "cut short"])
def test_what_is_lost_or_damaged_is_painted_again(ask, lost, how):
    run(ask("whole.mkv"))
    request = ask()
    stop(request, 20)
    [path] = journal_of(request).parent.rglob(lost)
    if how == "missing":
        path.unlink()
    else:
        os.truncate(path, 40)
    listener = StopAt()
    run(request, listener)
    assert listener.painted[0] == 1
    assert contents(request.output) == contents(ask("whole.mkv").output)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"strength": 0.6}, "strength: 1.0 -> 0.6"),
        ({"codec": "ffv1"}, "output codec: h264 -> ffv1"),
        ({"crf": 30}, "output options crf: 16 -> 30"),
    ],
)
def test_changed_settings_are_refused(ask, changed, told):
    stop(ask(), 15)
    before = journal_of(ask()).read_bytes()
    with pytest.raises(OutputProblem, match=told) as refusal:
        run(ask(**changed))
    assert "2 finished segments" in str(refusal.value)
    assert "--overwrite for a new run" in str(refusal.value)
    assert journal_of(ask()).read_bytes() == before
    assert run(ask()).resumed_segments == 2


def test_a_changed_input_is_refused(ask, clip):
    stop(ask(), 15)
    make_clip(clip, frames=FRAMES)
    with pytest.raises(OutputProblem, match=r"input: sha256 \w{8} -> sha256 \w{8}"):
        run(ask())


def test_a_changed_painting_is_refused_and_a_renamed_one_is_not(ask, painting):
    stop(ask(), 15)
    renamed = painting.with_name("renamed.png")
    painting.rename(renamed)
    with pytest.raises(OutputProblem, match=r"styles 1 weight: 1\.0 -> 2\.0"):
        run(Request(**vars(ask()) | {"guidance": Guidance(styles=(Style(image=renamed, weight=2.0),))}))
    write_picture(painting, picture(0, 32, 24))
    with pytest.raises(OutputProblem, match="styles 1 image: sha256"):
        run(ask())
    record = run(Request(**vars(ask()) | {"guidance": Guidance(styles=(Style(image=renamed),))}))
    assert record.resumed_segments == 2


def test_overwrite_begins_anew_and_its_permission_lasts(ask, painting):
    request = ask()
    request.output.write_bytes(b"old")
    new = ask(overwrite=True)
    stop(new, 15)
    assert request.output.read_bytes() == b"old"
    stop(new, 8)
    assert len(journal_of(request).read_text().splitlines()) == 2  # the settings and one segment
    assert run(request).resumed_segments == 1
    assert run(ask(strength=0.5, overwrite=True)).resumed_segments == 0


def test_a_message_says_how_to_go_on(ask):
    with pytest.raises(Interrupted, match=r"2 finished segments .* goes on from there"):
        run(ask(), StopAt(15))


def test_two_runs_cannot_share_a_folder(ask):
    def begin_another(event: Event) -> None:
        if isinstance(event, LoadingModel):
            for overwrite in (False, True):
                with pytest.raises(OutputProblem, match="Another run is at work"):
                    run(ask(overwrite=overwrite))

    assert run(ask(), begin_another).frames == FRAMES


def test_drift_is_that_of_the_model_and_of_the_source(ask):
    """The toy darkens with every frame of a shot, and the source does not."""
    record = run(ask())
    shots = record.drift
    assert [shot["shot"] for shot in shots] == [0, 1]
    assert [len(shot["painted"]["delta_e"]) for shot in shots] == [4, 3]
    for shot in shots:
        assert shot["painted"]["delta_e"] == sorted(shot["painted"]["delta_e"])
        assert shot["painted"]["slope"] > 0.3
        assert abs(shot["source"]["slope"]) < 0.1


def test_the_drift_of_a_resumed_run_is_that_of_an_unbroken_one(ask):
    whole = run(ask("whole.mkv"))
    stop(ask(), 15)
    assert run(ask()).drift == whole.drift


@pytest.fixture
def stopped_between(ask) -> Request:
    """A run that finished two segments of both shots, the second shot first: as many workers do it."""

    def paint(work: Work, on_event: Listener, clock: Clock) -> None:
        for numbers in ([4, 5], [0, 1]):
            paint_here(replace(work, numbers=numbers), on_event, clock)
        raise KeyboardInterrupt

    request = ask()
    with pytest.raises(Interrupted, match="4 finished segments"):
        run(request, paint=paint)
    return request


def test_shots_may_be_finished_in_any_order(ask, stopped_between):
    """What is left of both shots is painted in order."""
    run(ask("whole.mkv"))
    listener = StopAt()
    assert run(stopped_between, listener).resumed_segments == 4
    there = 6 + 6 + 5 + 5
    assert listener.painted == list(range(there + 1, FRAMES + 1))
    assert contents(stopped_between.output) == contents(ask("whole.mkv").output)


@pytest.mark.parametrize("lost", ["segment-00000", "state-00001.safetensors"])
def test_what_one_shot_lost_leaves_the_other_alone(ask, stopped_between, lost):
    run(ask("whole.mkv"))
    journal = journal_of(stopped_between)
    settings, fourth, fifth, *_ = journal.read_text().splitlines()
    (journal.parent / "segments" / lost).unlink()
    stop(stopped_between, 12)
    assert journal.read_text().splitlines() == [settings, fourth, fifth]
    assert run(stopped_between).resumed_segments == 2
    assert contents(stopped_between.output) == contents(ask("whole.mkv").output)
