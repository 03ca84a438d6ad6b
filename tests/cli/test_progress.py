"""Progress where nobody watches: a plain line now and then."""

import io

from impasto.cli.progress import ProgressDisplay
from impasto.job.events import FindingShots, FrameDone, Joining, LoadingModel, PreparingShot
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


def test_numbers_for_people():
    assert [clock_text(seconds) for seconds in (0.4, 59.6, 3905)] == ["0:00", "1:00", "1:05:05"]
    assert [duration_text(seconds) for seconds in (40, 170, 7500)] == ["40 s", "3 min", "2 h 5 min"]
    assert [size_text(size) for size in (999, 1e6, 3.44e9)] == ["999 bytes", "1 MB", "3.4 GB"]
    assert [count_text(number, "shot") for number in (1, 2)] == ["1 shot", "2 shots"]
