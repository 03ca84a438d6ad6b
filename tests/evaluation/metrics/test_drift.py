"""Drift of clips that drift by a known amount."""

import cv2
import numpy as np
import pytest

from impasto.color.deltae import ciede2000
from impasto.errors import InputError, UnsupportedOption
from impasto.evaluation.metrics.drift import color_drift
from tests.evaluation.metrics.toys import texture, tinted


def grays(*levels: float) -> list[np.ndarray]:
    return [np.full((8, 8, 3), level, np.float32) for level in levels]


def lab(rgb: float | np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.full((1, 1, 3), rgb, np.float32), cv2.COLOR_RGB2LAB)[0, 0]


def test_a_clip_that_keeps_its_colours_does_not_drift():
    drift = color_drift(iter([texture(0)] * 6), 2)
    assert drift.delta_e == (0, 0, 0)
    assert drift.slope == pytest.approx(0, abs=1e-12)
    assert drift.segment_frames == 2


def test_segments_are_compared_with_the_first():
    """A mean of lightness inside a segment, and a last one that is shorter."""
    drift = color_drift(grays(0.4, 0.6, 0.5, 0.7, 0.8), 2)
    means = [(lab(0.4) + lab(0.6)) / 2, (lab(0.5) + lab(0.7)) / 2, lab(0.8)]
    expected = [float(ciede2000(mean, means[0])) for mean in means]
    assert drift.delta_e == pytest.approx(expected, abs=1e-3)
    assert drift.slope == pytest.approx(np.polyfit([0, 1, 2], expected, 1)[0], abs=1e-3)
    assert drift.slope > 5


def test_a_tint_that_grows_has_a_slope_and_one_that_stays_has_none():
    picture = texture(0)
    growing = color_drift([tinted(picture, 0.05 * number) for number in range(6)], 1)
    swaying = color_drift([tinted(picture, 0.05 * (number % 2)) for number in range(6)], 2)
    assert list(growing.delta_e) == sorted(set(growing.delta_e))
    assert growing.slope > 1
    assert swaying.slope == pytest.approx(0, abs=1e-9)


def test_the_steeper_the_further():
    slow, fast = (color_drift([tinted(texture(0), step * n) for n in range(4)], 1) for step in (0.03, 0.09))
    assert fast.slope > 2 * slow.slope > 0


def test_colours_that_change_places_do_not_drift():
    picture = texture(0)
    assert color_drift([picture, picture[::-1], picture[:, ::-1]], 1).delta_e == pytest.approx((0, 0, 0), abs=1e-3)


def test_shuffled_frames_drift_less():
    tints = [tinted(texture(0), 0.05 * number) for number in (1, 4, 2, 0, 3, 1)]
    assert color_drift(tints, 1).slope < 0.2 * color_drift([tints[i] for i in (3, 0, 2, 4, 1)], 1).slope


def test_refuses_what_has_no_drift():
    with pytest.raises(InputError, match="has 4 frames; this metric needs at least 5"):
        color_drift(grays(0.1, 0.2, 0.3, 0.4), 4)
    with pytest.raises(InputError, match="Frame 1 has 192 values that are NaN"):
        color_drift(grays(0.1, np.nan), 1)
    with pytest.raises(UnsupportedOption, match="Segments of 0 frames"):
        color_drift(grays(0.1, 0.2), 0)
