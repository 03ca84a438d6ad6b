"""Painted frames: which source frames they belong to, what they do to the output, what is refused."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from impasto.errors import UnreadableInput, UnsupportedOption
from impasto.guidance import Guidance, Keyframe, Style
from impasto.job import segments
from impasto.job.events import PreparingShot
from impasto.job.plan import make_plan
from impasto.job.request import Request
from impasto.job.run import run
from impasto.job.shotlist import read_shot_list
from impasto.stylizers.feedforward import swift
from impasto.video.pictures import write_picture
from impasto.video.source import open_source
from tests.clips import make_clip, picture
from tests.job.test_run import two_shots

FPS, FRAMES = 10, 12


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    draft = replace(swift.PRESETS["draft"], following_steps=2)
    monkeypatch.setitem(swift.PRESETS, "draft", draft)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "in.mkv", frames=FRAMES, fps=FPS, codec="ffv1", pixel_format="bgr0")


def painting(folder: Path, number: int, brightness: float) -> Path:
    """Frame `number` of the clip, darker or lighter."""
    path = folder / f"painted{number}.png"
    write_picture(path, np.clip(picture(number, 64, 48) * brightness + 10, 0, 255).astype(np.uint8))
    return path


def frames_of(path: Path) -> np.ndarray:
    return np.stack([frame.rgb for frame in open_source(path).frames()]).astype(float)


def request_for(source: Path, **guidance) -> Request:
    out = source.with_name("out.mkv")
    return Request(
        source=source, output=out, guidance=Guidance(**guidance), preset="draft", codec="ffv1", overwrite=True
    )


def keyframe(path: Path, time: str) -> Keyframe:
    return Keyframe(time=Fraction(time), image=path)


def test_the_first_frame_is_the_painting_and_the_rest_follows(clip, tmp_path):
    path = painting(tmp_path, 0, 0.5)
    run(request_for(clip, first_frame=path))
    out = frames_of(tmp_path / "out.mkv")
    np.testing.assert_array_equal(out[0], frames_of(path)[0])
    source = frames_of(clip)
    assert np.abs(out[-1] - source[-1] * 0.5 - 10).mean() < 0.5 * np.abs(out[-1] - source[-1]).mean()


def test_a_very_small_clip_follows_too(tmp_path):
    source = make_clip(tmp_path / "in.mkv", size=(16, 16), frames=3, codec="ffv1", pixel_format="bgr0")
    write_picture(tmp_path / "painted.png", picture(0, 16, 16)[..., ::-1].copy())
    run(request_for(source, first_frame=tmp_path / "painted.png"))
    np.testing.assert_array_equal(frames_of(tmp_path / "out.mkv")[0], frames_of(tmp_path / "painted.png")[0])


def test_segments_do_not_show(clip, tmp_path, monkeypatch):
    frames = keyframe(painting(tmp_path, 0, 0.5), "0"), keyframe(painting(tmp_path, 8, 1.2), "0.8")
    request = request_for(clip, keyframes=frames)
    run(request)
    whole = frames_of(request.output)
    monkeypatch.setattr(segments, "LONGEST", 5)
    assert len(make_plan(request).segments) == 3
    run(request)
    np.testing.assert_array_equal(frames_of(request.output), whole)
    light = whole.mean((1, 2, 3))
    assert light[8] - light[0] > 0.4 * (1.2 - 0.5) * frames_of(clip).mean()
    assert (np.diff(light[1:9]) > 0).all()  # blended in all the way


def test_one_keyframe_becomes_the_next_between_them(clip, tmp_path):
    paths = [painting(tmp_path, number, 0.8) for number in (2, 6, 9)]
    frames = [keyframe(path, time) for path, time in zip(paths, ("0.2", "0.6", "0.9"), strict=True)]
    plan = make_plan(request_for(clip, keyframes=tuple(frames[::-1])))
    looks = [(look.start, look.whole, look.keyframe and look.keyframe.frame) for look in plan.looks]
    assert looks == [(0, 0, 2), (3, 6, 6), (7, 9, 9)]
    assert [round(plan.looks[1].share(number), 2) for number in (3, 4, 5, 6)] == [0.25, 0.5, 0.75, 1.0]


def test_a_keyframe_is_of_the_nearest_frame(tmp_path):
    source = make_clip(tmp_path / "in.mp4", frames=30, fps=Fraction(30000, 1001))
    for time, number in (("0.667", 20), ("0.68", 20), ("0.69", 21)):
        plan = make_plan(request_for(source, keyframes=(keyframe(painting(tmp_path, number, 0.8), time),)))
        assert [look.keyframe and look.keyframe.frame for look in plan.looks] == [number]


def test_a_keyframe_is_of_the_nearest_frame_at_a_rate_that_falls(tmp_path):
    times = [Fraction(n, 60) for n in range(61)] + [Fraction(1 + n) for n in range(1, 5)]
    source = make_clip(tmp_path / "in.mp4", fps=60, times=times)
    for time, number in (("1", 60), ("1.4", 60), ("1.6", 61), ("4.4", 63), ("5.2", 64)):
        plan = make_plan(request_for(source, keyframes=(keyframe(painting(tmp_path, number, 0.8), time),)))
        assert [look.keyframe and look.keyframe.frame for look in plan.looks if look.keyframe] == [number]


def test_a_shot_without_a_painting_follows_the_one_before(tmp_path):
    source = two_shots(tmp_path / "in.mkv")  # 25 frames a second, a cut at frame 20
    path = tmp_path / "painted.png"
    write_picture(path, frames_of(source)[0].astype(np.uint8) // 2)
    plan = make_plan(request_for(source, first_frame=path))
    assert [(look.shot, look.start, look.keyframe and look.keyframe.frame) for look in plan.looks] == [
        (0, 0, 0),
        (1, 20, 0),
    ]
    request = request_for(source, first_frame=path)
    events = []
    run(request, events.append)
    # What was learned for the first shot is not learned again.
    prepared = [event.shot for event in events if isinstance(event, PreparingShot)]
    assert prepared.count(0) > 1 == prepared.count(1)
    out = frames_of(request.output)
    np.testing.assert_array_equal(out[0], frames_of(path)[0])
    assert np.abs(out[20] - out[0]).mean() > 5  # the painting is shown at its own place only


def test_what_belongs_nowhere_is_refused(clip, tmp_path):
    path, other = painting(tmp_path, 0, 0.5), painting(tmp_path, 1, 0.5)
    with pytest.raises(UnsupportedOption, match="is for 0:09 and the source ends at 0:01"):
        make_plan(request_for(clip, keyframes=(keyframe(path, "9"),)))
    with pytest.raises(UnsupportedOption, match="painted frames for 0:00"):
        make_plan(request_for(clip, first_frame=path, keyframes=(keyframe(other, "0"),)))
    with pytest.raises(UnsupportedOption, match="are for frame 0 of the source"):
        make_plan(request_for(clip, first_frame=path, keyframes=(keyframe(other, "0.04"),)))
    styles = Style(image=path), Style(image=other, start=Fraction(1))
    with pytest.raises(UnsupportedOption, match="without times"):
        make_plan(request_for(clip, first_frame=path, styles=styles))
    with pytest.raises(UnreadableInput, match=r"none.png"):
        run(request_for(clip, first_frame=tmp_path / "none.png"))
    assert not (tmp_path / "out.mkv.impasto").exists()


def test_a_painting_of_another_scene_is_followed_with_a_warning(clip, tmp_path):
    path = tmp_path / "other.png"
    stripes = np.broadcast_to((np.arange(48) // 6 % 2 * 200)[:, None, None], (48, 64, 3))
    write_picture(path, np.ascontiguousarray(stripes).astype(np.uint8))
    (note,) = make_plan(request_for(clip, first_frame=path)).notes
    assert "looks like another scene than frame 0 of the source (mismatch" in note
    assert make_plan(request_for(clip, first_frame=painting(tmp_path, 0, 0.5))).notes == ()


def test_a_shot_with_a_style_of_its_own_follows_its_painted_frame_too(tmp_path):
    source, own = two_shots(tmp_path / "in.mkv"), "klimt-kiss"
    write_picture(tmp_path / "painted.png", next(iter(open_source(source).frames(20, 21))).rgb)
    rows = [{"start": 0, "stop": 20, "style": own}, {"start": 20, "stop": 40, "style": own}]
    (tmp_path / "shots.json").write_text(json.dumps({"shots": rows}))
    request = request_for(source, keyframes=(keyframe(tmp_path / "painted.png", "0.8"),))
    looks = make_plan(replace(request, shots=read_shot_list(tmp_path / "shots.json"))).looks
    assert [(look.shot, look.styles[0].name) for look in looks] == [(0, own), (1, own)]
    assert [look.keyframe and look.keyframe.frame for look in looks] == [None, 20]
