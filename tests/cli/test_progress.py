"""Progress where nobody watches: a plain line now and then."""

import io
from pathlib import Path

import pytest

from impasto.cli.batchprogress import BatchDisplay
from impasto.cli.progress import ProgressDisplay
from impasto.errors import UnreadableInput
from impasto.job.events import FindingShots, FrameDone, Joining, LoadingModel, Outcome, PreparingShot
from impasto.job.wording import clock_text, count_text, duration_text, size_text


def lines_of(events, seconds_each: float) -> list[str]:
    clock = iter(n * seconds_each / 3 for n in range(10_000))
    stream = io.StringIO()
    with ProgressDisplay(stream=stream, now=lambda: next(clock)) as display:
        for event in events:
            display(event)
    return stream.getvalue().splitlines()


def test_each_task_begins_with_a_line_and_goes_on_every_few_seconds():
    events = [FindingShots(0.5), LoadingModel("toy"), PreparingShot(0, 2, 0.0)]
    events += [FrameDone(done, 100) for done in range(1, 101)] + [Joining()]
    lines = lines_of(events, seconds_each=1)
    assert lines[:3] == ["Finding shots: 50%", "Loading toy", "Preparing shot 1 of 2: 0%"]
    assert lines[3] == "Repainting: 1/100 frames"
    assert lines[-1] == "Writing the output"
    assert 8 < len(lines) < 30
    assert "fps" in lines[5]
    assert "left" in lines[5]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_a_batch_tells_what_became_of_each_run(stream, monkeypatch):
    """Two runs at once; a terminal shows bars besides."""
    monkeypatch.setenv("TERM", "xterm")
    a, b = ({"source": Path(f"{name}.mp4"), "output": Path(f"out/{name}.mp4")} for name in "ab")
    with BatchDisplay(["a.mp4", "b.mp4"], stream=stream) as display:
        display(0, FrameDone(3, 12))
        display(1, LoadingModel("toy"))
        display(1, Outcome(**b, state="failed", error=UnreadableInput("It is broken.")))
        display(0, FrameDone(9, 12))
        display(0, Outcome(**a, state="done", frames=12, seconds=61))
    told = stream.getvalue()
    assert "1 of 2; b.mp4: failed: It is broken." in told
    assert "2 of 2; a.mp4: 12 frames in 1:01" in told
    assert ("━" in told) == stream.isatty()


def test_a_line_tells_of_all_runs_that_are_under_way():
    stream, clock = io.StringIO(), iter(range(0, 1000, 3))
    with BatchDisplay(["a.mp4", "b.mp4", "c.mp4"], stream=stream, now=lambda: next(clock)) as display:
        for done in range(4):
            display(0, FrameDone(done, 12))
            display(1, FrameDone(done, 8))
    last = stream.getvalue().splitlines()[-1]
    assert last.startswith("0 of 3; a.mp4: Repainting 3/12 frames, ")
    assert "; b.mp4: Repainting " in last


def test_numbers_for_people():
    assert [clock_text(seconds) for seconds in (0.4, 59.6, 3905)] == ["0:00", "1:00", "1:05:05"]
    assert [duration_text(seconds) for seconds in (40, 170, 7500)] == ["40 s", "3 min", "2 h 5 min"]
    assert [size_text(size) for size in (999, 1e6, 3.44e9)] == ["999 bytes", "1 MB", "3.4 GB"]
    assert [count_text(number, "shot") for number in (1, 2)] == ["1 shot", "2 shots"]
