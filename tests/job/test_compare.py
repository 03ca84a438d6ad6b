"""Side by side."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from impasto.errors import InputError, OutputProblem
from impasto.job.compare import compare
from impasto.job.journal import Finished, Journal, SegmentColors
from impasto.job.labels import BACKGROUND, draw_label, labels_for
from impasto.job.mosaic import LARGEST_SHEET, mosaic_for
from impasto.job.sidebyside import Playing
from impasto.job.workfolder import JOURNAL
from impasto.video.pictures import read_picture, write_picture
from impasto.video.source import open_source
from tests.clips import make_clip, packets_of, picture, times_of


def flat(path: Path, color: int, **options) -> Path:
    return make_clip(path, pictures=(np.full((48, 64, 3), color, np.uint8) for _ in range(12)), **options)


def test_each_video_has_its_place_time_and_the_first_gives_the_sound(tmp_path):
    first = flat(tmp_path / "a.mp4", 60, sounds=["eng"])
    second = flat(tmp_path / "b.mkv", 200)
    compare([first, second], tmp_path / "side.mp4")
    source = open_source(tmp_path / "side.mp4")
    assert (source.info.width, source.info.height) == (128, 48 + 20)
    frame = next(source.frames()).rgb.astype(int)
    assert abs(frame[44, 32] - 60).max() < 6
    assert abs(frame[44, 96] - 200).max() < 6
    assert times_of(tmp_path / "side.mp4") == times_of(first)
    assert packets_of(tmp_path / "side.mp4", "audio") == packets_of(first, "audio")
    assert {path.name for path in tmp_path.iterdir()} == {"a.mp4", "b.mkv", "side.mp4"}


def test_pixels_that_are_not_square_are_shown_as_they_should(tmp_path):
    wide = make_clip(tmp_path / "wide.mp4", sample_aspect=Fraction(2))
    compare([wide, flat(tmp_path / "b.mp4", 9)], tmp_path / "side.mp4")
    info = open_source(tmp_path / "side.mp4").info
    assert (info.width, info.sample_aspect) == (256, 1)


def test_a_source_is_shown_by_time_not_by_number(tmp_path):
    slow = make_clip(tmp_path / "slow.mkv", frames=4, fps=5, codec="ffv1", pixel_format="bgr0")
    playing = Playing(open_source(slow))
    for time, number in [(0, 0), (0.19, 0), (0.21, 1), (0.65, 3), (9, 3)]:
        np.testing.assert_array_equal(playing.at(Fraction(time)), picture(number, 64, 48))


def test_a_contact_sheet_has_a_row_for_each_video(tmp_path):
    compare([flat(tmp_path / "a.mp4", 60), flat(tmp_path / "b.mp4", 200)], tmp_path / "sheet.png")
    sheet, _ = read_picture(tmp_path / "sheet.png")
    assert sheet.shape == (2 * 68, 6 * 64, 3)
    assert abs(sheet[44, 5::64].astype(int) - 60).max() < 6
    assert abs(sheet[68 + 44, 5::64].astype(int) - 200).max() < 6


def test_pictures_give_a_picture(tmp_path):
    for name in ("a.png", "b.png"):
        write_picture(tmp_path / name, picture(0, 64, 48))
    compare([tmp_path / "a.png", tmp_path / "b.png"], tmp_path / "both.jpg")
    assert read_picture(tmp_path / "both.jpg")[0].shape == (68, 128, 3)


def test_many_large_videos_fit_the_sheet(tmp_path):
    info = replace(open_source(flat(tmp_path / "a.mp4", 1)).info, width=1920, height=1080)
    for cells in range(1, 20):
        mosaic = mosaic_for(info, cells)
        assert mosaic.columns * mosaic.rows >= cells
        assert mosaic.size[0] <= LARGEST_SHEET[0]
        assert mosaic.size[1] <= LARGEST_SHEET[1] + 20 * mosaic.rows
        assert mosaic.size[0] % 2 == mosaic.size[1] % 2 == 0


def test_labels_tell_apart_and_fit():
    assert labels_for([Path("a/x.mp4"), Path("b/x.mp4")]) == ["a/x.mp4", "b/x.mp4"]
    assert labels_for([Path("a/x.mp4"), Path("a/y.mp4")]) == ["x.mp4", "y.mp4"]
    strip = draw_label("a name that is far too long for its strip", 120, 20)
    assert strip.shape == (20, 120, 3)
    assert (strip.max(axis=(0, 2)) > BACKGROUND[0]).sum() > 60
    np.testing.assert_array_equal(strip[:, :2], np.full((20, 2, 3), BACKGROUND[0]))


def test_an_unfinished_run_is_not_given_up_unasked(tmp_path):
    first, second = flat(tmp_path / "a.mp4", 60), flat(tmp_path / "b.mp4", 200)
    work = tmp_path / "side.mp4.impasto"
    work.mkdir()
    journal = Journal(work / JOURNAL)
    journal.begin({"style": "ink"}, False)
    journal.add(Finished(number=0, start=0, stop=5, bytes=1, colors=SegmentColors((0, 0, 0), (0, 0, 0))))
    with pytest.raises(OutputProblem, match="1 finished segment"):
        compare([first, second], tmp_path / "side.mp4")
    assert Journal(work / JOURNAL).finished
    compare([first, second], tmp_path / "side.mp4", overwrite=True)
    assert not work.exists()


def test_one_video_or_an_output_that_is_an_input_is_refused(tmp_path):
    first, second = flat(tmp_path / "a.mp4", 60), flat(tmp_path / "b.mp4", 200)
    with pytest.raises(InputError, match="two"):
        compare([first], tmp_path / "side.mp4")
    with pytest.raises(OutputProblem, match="itself"):
        compare([first, second], second, overwrite=True)
    (tmp_path / "side.mp4").write_bytes(b"old")
    with pytest.raises(OutputProblem, match="exists"):
        compare([first, second], tmp_path / "side.mp4")
