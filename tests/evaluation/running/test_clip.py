"""An output and its source, brought together."""

import numpy as np
import pytest
from PIL import Image

from impasto.errors import InputError, UnreadableInput
from impasto.evaluation.running.clip import Clip, SourceAlone
from impasto.evaluation.running.comparison import Comparison
from impasto.video.source import open_source
from tests.clips import make_clip, picture


def opened(output, source=None, **options) -> Clip:
    return Clip(Comparison(output=output, source=source), **options)


def folder_of(path, frames, size=(64, 48)):
    path.mkdir()
    for number in range(frames):
        Image.fromarray(picture(number, *size)).save(path / f"{number:04d}.png")
    return path


def test_all_frames_come_as_floats_and_as_often_as_asked(tmp_path):
    file = make_clip(tmp_path / "a.mp4", frames=7)
    clip = opened(file, file)
    bytes_of_file = [frame.rgb for frame in open_source(file).frames()]
    for _ in range(2):
        for output, source, rgb in zip(clip.outputs(), clip.sources(), bytes_of_file, strict=True):
            np.testing.assert_array_equal(output, source)
            np.testing.assert_allclose(output * 255, rgb, atol=1e-4)
    assert (clip.aligned, clip.frames, clip.notes) == ("by number", 7, [])


def test_a_clip_of_half_the_rate_meets_its_own_frames(tmp_path):
    whole = make_clip(tmp_path / "a.mkv", frames=20, fps=20, codec="ffv1", pixel_format="bgr0")
    pictures = [picture(number, 64, 48) for number in range(0, 20, 2)]
    half = make_clip(tmp_path / "b.mkv", frames=10, fps=10, pictures=pictures, codec="ffv1", pixel_format="bgr0")
    for output, source in ((half, whole), (whole, half)):
        clip = opened(output, source)
        pairs = list(zip(clip.outputs(), clip.sources(), strict=True))
        assert clip.aligned == "by time"
        assert len(pairs) == clip.frames == open_source(output).info.frames
        same = [np.array_equal(first, second) for first, second in pairs]
        assert all(same) if output == half else all(same[::2])


def test_a_folder_takes_the_rate_of_its_source(tmp_path):
    video = make_clip(tmp_path / "a.mp4", frames=6, fps=30)
    clip = opened(folder_of(tmp_path / "frames", 6), video)
    assert (clip.fps, clip.aligned, clip.notes) == (30, "by number", [])


def test_a_folder_alone_has_a_rate_that_is_told(tmp_path):
    clip = opened(folder_of(tmp_path / "frames", 2))
    assert (clip.fps, "24 a second is assumed" in clip.notes[0]) == (24, True)


def test_frames_that_the_source_has_not_are_left_out(tmp_path):
    clip = opened(make_clip(tmp_path / "a.mp4", frames=9), make_clip(tmp_path / "b.mp4", frames=8))
    assert clip.frames == len(list(clip.outputs())) == len(list(clip.sources())) == 8
    assert any("last 1 of the output's frames" in note for note in clip.notes)


def test_a_size_made_even_is_cropped(tmp_path):
    source = folder_of(tmp_path / "frames", 3, size=(63, 47))
    clip = opened(make_clip(tmp_path / "a.mp4", frames=3, fps=24), source)
    assert {frame.shape for frame in (*clip.outputs(), *clip.sources())} == {(47, 63, 3)}
    assert any("63x47" in note for note in clip.notes)


def test_another_size_is_refused_or_scaled(tmp_path):
    output = make_clip(tmp_path / "a.mp4", frames=3)
    source = make_clip(tmp_path / "b.mp4", frames=3, size=(128, 96))
    with pytest.raises(InputError, match=r"64x48 pixels.*128x96.*--resize"):
        opened(output, source)
    clip = opened(output, source, resize=True)
    assert {frame.shape for frame in clip.sources()} == {(48, 64, 3)}
    assert any("128x96" in note and "64x48" in note for note in clip.notes)


def test_about_eight_frames_a_second_are_looked_at(tmp_path):
    clip = opened(make_clip(tmp_path / "a.mp4", frames=25, fps=25))
    assert (clip.step(every_frame=False), clip.step(every_frame=True)) == (3, 1)
    frames = list(clip.outputs())
    for look, frame in zip(clip.looks(3), frames[::3], strict=True):
        np.testing.assert_array_equal(look.output, frame)
        assert look.source is None


def test_one_moment_is_that_of_the_pass(tmp_path):
    file = make_clip(tmp_path / "a.mp4", frames=12)
    clip = opened(file, file)
    wanted = list(clip.outputs())
    for number in (0, 5, 11):
        output, source = clip.pictures(number)
        np.testing.assert_array_equal(output, source)
        np.testing.assert_allclose(output / 255, wanted[number], atol=1e-6)


def test_the_source_alone_is_a_clip_as_well(tmp_path):
    clip = opened(make_clip(tmp_path / "a.mp4", frames=3), make_clip(tmp_path / "b.mp4", frames=3))
    alone = SourceAlone(clip)
    assert all(np.array_equal(one, other) for one, other in zip(alone.outputs(), clip.sources(), strict=True))
    assert alone.fps == clip.fps


def test_nothing_there(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableInput, match="no pictures"):
        opened(tmp_path / "empty")
