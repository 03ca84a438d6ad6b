"""Frames of a shot by number."""

import numpy as np
import pytest

from impasto.job.shotframes import SourceShot
from impasto.video.source import open_source
from impasto.video.types import Shot
from tests.clips import make_clip


@pytest.fixture
def shot(tmp_path):
    source = open_source(make_clip(tmp_path / "in.mkv", frames=20, codec="ffv1", pixel_format="bgr0"))
    return SourceShot(source, [Shot(5, 15, source.info.duration / 4, source.info.duration * 3 / 4)], 0), source


def test_sample_gives_what_was_asked_in_that_order(shot):
    frames, source = shot
    whole = [frame.rgb for frame in source.frames()]
    sampled = list(frames.sample([9, 0, 4, 0]))
    assert (frames.count, frames.size) == (10, (64, 48))
    for index, pixels in zip([9, 0, 4, 0], sampled, strict=True):
        assert pixels.dtype == np.float32
        np.testing.assert_array_equal(np.rint(pixels * 255), whole[5 + index])
    assert list(frames.sample([])) == []


@pytest.mark.parametrize("index", [-1, 10])
def test_a_frame_of_another_shot_is_not_given(shot, index):
    with pytest.raises(IndexError):
        next(shot[0].sample([index]))
