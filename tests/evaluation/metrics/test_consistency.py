"""Consistency against the formula by hand, and by the embedded encoder on still, moving and changing clips."""

from fractions import Fraction
from itertools import count, islice

import numpy as np
import pytest
import torch

from impasto.errors import InputError
from impasto.evaluation.metrics.consistency import NANO_METRICS, consistency, measure_consistency
from impasto.evaluation.metrics.metric import Reference
from impasto.evaluation.metrics.nano import nano_embedding, nano_features
from tests.evaluation.metrics.toys import noisy, sliding, texture

(NANO,) = NANO_METRICS


class Clip:
    def __init__(self, frames, fps=4):
        self._frames, self.fps = frames, Fraction(fps)

    def outputs(self):
        return iter(self._frames)

    def sources(self):
        return iter(self._frames)


def test_is_the_mean_of_the_likeness_to_the_first_and_to_the_one_before():
    """Unit vectors at 0, 60, 90 and 180 degrees: cosines by hand, those below 0 counted as 0."""
    angles = np.radians([0, 60, 90, 180])
    vectors = [torch.tensor([np.cos(a), np.sin(a)]) * (n + 1) for n, a in enumerate(angles)]
    expected = [(0.5 + 0.5) / 2, (0 + np.cos(np.radians(30))) / 2, (0 + 0) / 2]
    np.testing.assert_allclose(list(consistency(vectors)), expected, atol=1e-6)


def test_keeps_no_more_than_it_needs():
    endless = (torch.tensor([1.0, float(n % 2)]) for n in count())
    assert list(islice(consistency(endless), 2)) == pytest.approx([0.5**0.5, (1 + 0.5**0.5) / 2])


def test_one_frame_has_no_figure():
    with pytest.raises(InputError, match="1 frames; this metric needs at least 2"):
        measure_consistency([texture(0)], lambda frame: torch.ones(2))


@pytest.mark.usefixtures("small_view")
def test_nano_looks_at_a_few_frames_a_second():
    frames = [texture(seed) for seed in range(6)]
    seen = [nano_embedding(nano_features(frames[number]))[0].numpy() for number in (0, 2, 4)]
    first, second, third = (features / np.linalg.norm(features) for features in seen)
    measured = NANO.measure(Clip(frames, fps=8), Reference())
    np.testing.assert_allclose(measured.curve, [first @ second, (first @ third + second @ third) / 2], atol=1e-5)
    with pytest.raises(InputError, match="needs at least 3"):
        NANO.measure(Clip(frames[:2], fps=8), Reference())


@pytest.mark.usefixtures("small_view")
def test_nano_ranks_clips_by_how_much_they_stay_themselves():
    still, moving = [texture(0)] * 4, sliding([0, 2, 4, 6])
    flickering = [noisy(texture(0), 0.4 * (number % 2)) for number in range(4)]
    shuffled = [texture(seed, grain=1 + 3 * (seed % 2)) for seed in range(4)]
    figures = [NANO.measure(Clip(clip), Reference()).value for clip in (still, moving, flickering, shuffled)]
    assert figures[0] == pytest.approx(1)
    assert figures[0] > figures[1] > max(figures[2:])
