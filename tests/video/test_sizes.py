"""The size at which a model sees a frame."""

import pytest

from impasto.video.sizes import working_size


@pytest.mark.parametrize(
    ("source", "size"),
    [((1920, 1080), (256, 144)), ((854, 480), (256, 144)), ((480, 854), (144, 256)), ((512, 512), (192, 192))],
)
def test_large_frames_are_seen_at_about_so_many_pixels_in_whole_steps(source, size):
    assert working_size(*source, 37_000, 16) == size


def test_small_frames_keep_their_size_and_slivers_one_step():
    assert working_size(200, 130, 37_000, 16) == (200, 130)
    assert working_size(20_000, 10, 37_000, 16) == (8_608, 16)


def test_without_a_number_of_pixels_every_frame_keeps_its_size():
    assert working_size(7680, 4320, None) == (7680, 4320)
