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
