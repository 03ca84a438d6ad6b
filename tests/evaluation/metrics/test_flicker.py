"""VBench's flicker on clips whose change is known."""

from itertools import pairwise

import numpy as np
import pytest

from impasto.errors import InputError
from impasto.evaluation.metrics.flicker import frame_changes, temporal_flicker
from tests.evaluation.metrics.toys import noisy, sliding, texture


def test_levels_that_jump_by_a_tenth():
    frames = [np.full((4, 4, 3), level, np.float32) for level in (0.5, 0.6, 0.5, 0.3)]
    assert list(frame_changes(iter(frames))) == pytest.approx([0.1, 0.1, 0.2])
    assert temporal_flicker(frames) == pytest.approx(1 - 0.4 / 3)


def test_is_vbench_s_formula_on_bytes():
    frames = [(255 * texture(seed)).astype(np.uint8) for seed in range(3)]
    expected = np.mean([255 - np.abs(a.astype(int) - b).mean() for a, b in pairwise(frames)]) / 255
    assert temporal_flicker([np.float32(frame) / 255 for frame in frames]) == pytest.approx(expected)


def test_moves_the_right_way_and_rewards_stillness():
    still = [texture(0)] * 4
    unsteady, wild = ([noisy(texture(0), amount, seed) for seed in range(4)] for amount in (0.02, 0.1))
    assert 1 == temporal_flicker(still) > temporal_flicker(unsteady) > temporal_flicker(wild)
    steady_motion, shuffled = sliding([0, 2, 4, 6, 8]), sliding([4, 0, 8, 2, 6])
    assert 1 > temporal_flicker(steady_motion) > temporal_flicker(shuffled)


def test_refuses_what_cannot_flicker():
    with pytest.raises(InputError, match="has 1 frames; this metric needs at least 2"):
        temporal_flicker([texture(0)])
    with pytest.raises(InputError, match="Frame 1 is 96x32 pixels"):
        list(frame_changes([texture(0), texture(0)[:32]]))
