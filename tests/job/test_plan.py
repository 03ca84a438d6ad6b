"""Segments, estimates, the plan as text and as data."""

import json
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from PIL import Image

from impasto.errors import ResourceError
from impasto.guidance import Guidance, Style
from impasto.job import plan as plan_module
from impasto.job.estimate import frames_waiting, memory_needed
from impasto.job.pace import Pace, keep_pace, known_pace
from impasto.job.plain import plain
from impasto.job.plan import make_plan
from impasto.job.request import Request
from impasto.job.run import run
from impasto.job.segments import LARGEST, LONGEST, cut_segments
from impasto.video.types import Shot, VideoInfo
from tests.clips import make_clip


def shot(start: int, stop: int) -> Shot:
    return Shot(start, stop, Fraction(start, 25), Fraction(stop, 25))


def info(width: int, height: int) -> VideoInfo:
    return VideoInfo(
        path=Path("in.mp4"), kind="video", width=width, height=height, fps=Fraction(25), frames=100,
        frames_exact=True, duration=Fraction(4),
    )  # fmt: skip


@pytest.mark.parametrize("lengths", [[1], [240, 241], [1000, 3, 77], [5000]])
def test_segments_cover_every_shot_without_gap(lengths):
    edges = [sum(lengths[:n]) for n in range(len(lengths) + 1)]
    shots = [shot(start, stop) for start, stop in pairwise(edges)]
    segments = cut_segments(shots, 64, 48)
    assert segments[0].start == 0
    assert segments[-1].stop == edges[-1]
    assert all(left.stop == right.start for left, right in pairwise(segments))
    assert all(0 < each.frames <= LONGEST for each in segments)
    assert {each.start for each in segments} >= set(edges[:-1])


def test_segments_of_large_frames_are_short():
    (first, *_) = cut_segments([shot(0, 300)], 7680, 4320)
    assert first.frames * 7680 * 4320 * 12 <= LARGEST


def test_memory_does_not_depend_on_the_length():
    assert memory_needed(info(640, 360)) < memory_needed(info(1920, 1080)) < 2e9


def test_fewer_frames_wait_where_they_are_large():
    sizes = [(640, 360), (1920, 1080), (3840, 2160), (15360, 8640)]
    assert [frames_waiting(info(*size)) for size in sizes] == [3, 3, 1, 1]


def test_the_plan_of_a_large_picture_tells_the_tiles_and_keeps_to_4_gb(tmp_path, painting):
    source = tmp_path / "in.png"
    Image.new("RGB", (3840, 2160)).save(source)
    guidance = Guidance(styles=(Style(image=painting),))
    plan = make_plan(Request(source=source, output=tmp_path / "out.png", guidance=guidance))
    assert any("4 tiles" in line for line in plan.lines())
    assert plan.needs is not None
    assert memory_needed(plan.source) < plan.memory_bytes < 4e9


@pytest.fixture
def request_to_plan(tmp_path, painting, toy):
    source = make_clip(tmp_path / "in.mkv", sounds=["eng"], attachment=b"a font")
    guidance = Guidance(styles=(Style(image=painting),))
    return Request(source=source, output=tmp_path / "out.mp4", guidance=guidance, model="toy")


def test_the_plan_says_what_happens_to_frames_and_tracks(request_to_plan, tmp_path):
    plan = make_plan(request_to_plan)
    text = "\n".join(plan.lines())
    for part in ("64x48", "12 frames at 25 fps", "1 shot in 1 segment", "h264", "audio track", "left out", "memory"):
        assert part in text
    assert json.loads(json.dumps(plain(plan)))["segments"] == [{"shot": 0, "start": 0, "stop": 12}]
    assert {path.name for path in tmp_path.iterdir()} == {"in.mkv", "painting.png"}


def test_too_little_disk_is_refused(request_to_plan, monkeypatch):
    monkeypatch.setattr(plan_module, "output_size", lambda *_: 10**18)
    with pytest.raises(ResourceError, match="of disk"):
        make_plan(request_to_plan)


def test_too_little_memory_is_refused(request_to_plan, monkeypatch):
    monkeypatch.setattr(plan_module, "memory_needed", lambda _: psutil.virtual_memory().total * 2)
    with pytest.raises(ResourceError, match="of memory"):
        make_plan(request_to_plan)


def test_the_second_plan_says_how_long_it_takes(request_to_plan):
    assert make_plan(request_to_plan).seconds is None
    record = run(request_to_plan)
    plan = make_plan(replace(request_to_plan, overwrite=True))
    assert plan.seconds == pytest.approx(record.timings["repaint"], abs=0.01)
    assert any("as fast as the last run" in line for line in plan.lines())


def test_a_pace_that_cannot_be_kept_or_read_is_no_error(monkeypatch, tmp_path):
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path))
    for broken in ("{broken", "[1, 2, 3]", '{"toy draft": [1, 2, 3]}', '{"toy draft": "fast"}'):
        (tmp_path / "pace.json").write_text(broken)
        assert known_pace("toy", "draft") is None
    (tmp_path / "pace.json").unlink()
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "file" / "cache"))
    keep_pace("toy", "draft", Pace(1.0, 1.0))
    assert known_pace("toy", "draft") is None
