"""Every frame source keeps the same promises."""

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from impasto.video.pictures import write_picture
from impasto.video.source import FrameSource, open_source
from tests.clips import make_clip, picture

FRAMES = 40


def _folder(path: Path) -> Path:
    path.mkdir()
    for number in range(FRAMES):
        write_picture(path / f"{number}.png", picture(number, 64, 48))
    return path


SOURCES = {
    "mp4": lambda folder: make_clip(folder / "a.mp4", frames=FRAMES, options={"g": "12", "preset": "veryfast"}),
    "open gop": lambda folder: make_clip(
        folder / "a.mp4", frames=FRAMES, options={"g": "12", "preset": "veryfast", "x264-params": "open-gop=1"}
    ),
    "mkv": lambda folder: make_clip(folder / "a.mkv", frames=FRAMES, options={"g": "12", "preset": "veryfast"}),
    "transport stream": lambda folder: make_clip(folder / "a.ts", frames=FRAMES, options={"g": "12"}),
    "avi": lambda folder: make_clip(folder / "a.avi", frames=FRAMES, codec="mpeg4", options={"qscale": "2"}),
    "webm": lambda folder: make_clip(folder / "a.webm", frames=FRAMES, codec="libvpx-vp9", options={"cpu-used": "8"}),
    "gif": lambda folder: make_clip(folder / "a.gif", frames=FRAMES, codec="gif", pixel_format="rgb8"),
    "interlaced": lambda folder: make_clip(folder / "a.mp4", frames=FRAMES, interlaced=True, options={"g": "12"}),
    "rotated": lambda folder: make_clip(folder / "a.mov", frames=FRAMES, rotation=90, options={"g": "12"}),
    "variable rate": lambda folder: make_clip(
        folder / "a.mp4", times=[Fraction(n * n + 20 * n, 1000) for n in range(FRAMES)], options={"g": "12"}
    ),
    "folder": lambda folder: _folder(folder / "frames"),
    "pattern": lambda folder: _folder(folder / "frames") / "%d.png",
}


@pytest.fixture(params=SOURCES)
def source(request: pytest.FixtureRequest, tmp_path: Path) -> FrameSource:
    return open_source(SOURCES[request.param](tmp_path))


def test_a_pass_gives_every_frame_in_order_and_again(source: FrameSource):
    first, second = list(source.frames()), list(source.frames())
    assert len(first) == len(second) == FRAMES
    for one, other in zip(first, second, strict=True):
        assert one.time == other.time
        assert np.array_equal(one.rgb, other.rgb)


def test_frames_are_upright_uint8_of_the_stated_size(source: FrameSource):
    frame = next(source.frames())
    assert frame.rgb.dtype == np.uint8
    assert frame.rgb.shape == (source.info.height, source.info.width, 3)
    assert frame.rgb.flags.c_contiguous


def test_times_start_at_zero_and_durations_fill_the_gaps(source: FrameSource):
    frames = list(source.frames())
    assert frames[0].time == 0
    for frame, following in pairwise(frames):
        assert frame.duration > 0
        assert frame.time + frame.duration == following.time
        assert (frame.time / source.info.time_base).denominator == 1


@pytest.mark.parametrize("name", [name for name in SOURCES if name not in ("variable rate", "folder", "pattern")])
def test_times_are_those_that_the_clip_was_written_with(name: str, tmp_path: Path):
    source = open_source(SOURCES[name](tmp_path))
    frames = list(source.frames())
    # A transport stream and matroska round to their own ticks.
    assert [float(frame.time) for frame in frames] == pytest.approx([n / 25 for n in range(FRAMES)], abs=2e-3)
    assert float(source.info.duration) == pytest.approx(FRAMES / 25, abs=0.045)


@pytest.mark.parametrize("suffix", ["mkv", "webm"])
def test_a_screen_recording_whose_rate_falls_is_whole(suffix: str, tmp_path: Path):
    times = [Fraction(n, 60) for n in range(120)] + [Fraction(2 + n) for n in range(20)]
    codec = {"mkv": "libx264", "webm": "libvpx-vp9"}[suffix]
    source = open_source(make_clip(tmp_path / f"a.{suffix}", fps=60, times=times, codec=codec))
    assert len(list(source.frames())) == 140
    assert source.notes == []


@pytest.mark.parametrize("suffix", ["ts", "h264"])
def test_the_last_frames_are_reached_where_there_is_no_index(suffix: str, tmp_path: Path):
    noise = np.random.default_rng(0).integers(0, 256, (60, 180, 320, 3), np.uint8)
    container = {"ts": "mpegts", "h264": "h264"}[suffix]
    clip = make_clip(
        tmp_path / f"a.{suffix}", size=(320, 180), pictures=noise, frames=60, container=container, options={"g": "24"}
    )
    source = open_source(clip)
    whole = list(source.frames())
    for start in (30, 50, 57):
        stretch = list(source.frames(start))
        assert len(stretch) == 60 - start
        assert np.array_equal(stretch[0].rgb, whole[start].rgb)


def test_any_stretch_equals_that_stretch_of_a_whole_pass(source: FrameSource):
    whole = list(source.frames())
    for start, stop in ((0, 5), (13, 30), (25, None), (FRAMES - 1, FRAMES), (12, 12), (FRAMES, None)):
        stretch = list(source.frames(start, stop))
        assert [frame.time for frame in stretch] == [frame.time for frame in whole[start:stop]]
        for one, other in zip(stretch, whole[start:stop], strict=True):
            assert np.array_equal(one.rgb, other.rgb), (start, stop)


def test_a_stretch_needs_no_earlier_pass(source: FrameSource):
    late = next(source.frames(20))
    assert np.array_equal(late.rgb, list(source.frames())[20].rgb)


def test_small_frames_are_the_same_frames(source: FrameSource):
    small = list(source.small_frames(32))
    assert [time for time, _ in small] == [frame.time for frame in source.frames()]
    assert all(max(rgb.shape[:2]) == 32 for _, rgb in small)
    assert source.info.frames == FRAMES
    assert source.info.frames_exact
    assert source.record == {"decoded": FRAMES, "promised": source.record["promised"], "corrupt": 0}


def test_an_abandoned_pass_does_no_harm(source: FrameSource):
    abandoned = source.frames()
    next(abandoned)
    abandoned.close()  # type: ignore[attr-defined]
    assert sum(1 for _ in source.frames()) == FRAMES
