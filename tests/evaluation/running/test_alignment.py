"""Which frames belong together."""

import numpy as np
import pytest

from impasto.errors import InputError
from impasto.evaluation.running.alignment import Timeline, align


def video(frames: int, fps: float, name: str = "x.mp4") -> Timeline:
    return Timeline(name, np.arange(frames) / fps, frames / fps)


def test_videos_of_one_rate_and_length_go_by_number():
    found = align(video(50, 25), video(50, 25))
    assert found.way == "by number"
    assert found.partners.tolist() == list(range(50))


def test_times_that_a_container_rounds_are_the_same_times():
    rounded = Timeline("x.mkv", np.round(np.arange(50) / 23.976, 3), 50 / 23.976)
    assert align(video(50, 23.976), rounded).way == "by number"


def test_half_the_rate_shows_each_second_frame():
    found = align(video(25, 12.5), video(50, 25))
    assert found.way == "by time"
    assert found.partners.tolist() == list(range(0, 50, 2))


@pytest.mark.parametrize(("fps", "source_fps"), [(30, 24), (24, 30), (60, 25), (25, 24)])
def test_no_partner_is_further_than_half_a_frame(fps, source_fps):
    output, source = video(4 * fps, fps), video(4 * source_fps, source_fps)
    found = align(output, source)
    apart = abs(output.times - source.times[found.partners])
    assert len(found.partners) == 4 * fps
    assert (apart[output.times <= source.times[-1]] <= 0.5 / source_fps + 1e-9).all()
    assert (apart < 1 / source_fps).all()  # also where the source's last frame is still shown
    assert (np.diff(found.partners) >= 0).all()


def test_what_the_source_has_not_is_left_out():
    found = align(video(50, 25), video(49, 25))
    assert found.partners.tolist() == list(range(49))


@pytest.mark.parametrize("source", [video(40, 25, "in.mp4"), video(60, 25, "in.mp4"), video(50, 20, "in.mp4")])
def test_other_moments_are_refused_with_both_lengths(source):
    with pytest.raises(InputError) as caught:
        align(video(50, 25, "out.mp4"), source)
    sentence = str(caught.value)
    assert "'out.mp4' lasts 2.00 s (50 frames at 25 a second)" in sentence
    assert f"'in.mp4' lasts {source.duration:.2f} s" in sentence
