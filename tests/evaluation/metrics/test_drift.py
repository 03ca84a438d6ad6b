"""Colour differences against Sharma's published pairs; drift of clips that drift by a known amount."""

import cv2
import numpy as np
import pytest

from impasto.errors import InputError, UnsupportedOption
from impasto.evaluation.metrics.deltae import ciede2000
from impasto.evaluation.metrics.drift import color_drift
from tests.evaluation.metrics.toys import texture, tinted

SHARMA = [  # Sharma, Wu and Dalal 2005, table 1: L a b, L a b, difference
    (50, 2.6772, -79.7751, 50, 0, -82.7485, 2.0425),
    (50, 3.1571, -77.2803, 50, 0, -82.7485, 2.8615),
    (50, 2.8361, -74.0200, 50, 0, -82.7485, 3.4412),
    (50, -1.3802, -84.2814, 50, 0, -82.7485, 1.0000),
    (50, -1.1848, -84.8006, 50, 0, -82.7485, 1.0000),
    (50, -0.9009, -85.5211, 50, 0, -82.7485, 1.0000),
    (50, 0, 0, 50, -1, 2, 2.3669),
    (50, -1, 2, 50, 0, 0, 2.3669),
    (50, 2.49, -0.001, 50, -2.49, 0.0009, 7.1792),
    (50, 2.49, -0.001, 50, -2.49, 0.0010, 7.1792),
    (50, 2.49, -0.001, 50, -2.49, 0.0011, 7.2195),
    (50, 2.49, -0.001, 50, -2.49, 0.0012, 7.2195),
    (50, -0.001, 2.49, 50, 0.0009, -2.49, 4.8045),
    (50, -0.001, 2.49, 50, 0.0010, -2.49, 4.8045),
    (50, -0.001, 2.49, 50, 0.0011, -2.49, 4.7461),
    (50, 2.5, 0, 50, 0, -2.5, 4.3065),
    (50, 2.5, 0, 73, 25, -18, 27.1492),
    (50, 2.5, 0, 61, -5, 29, 22.8977),
    (50, 2.5, 0, 56, -27, -3, 31.9030),
    (50, 2.5, 0, 58, 24, 15, 19.4535),
    (50, 2.5, 0, 50, 3.1736, 0.5854, 1.0000),
    (50, 2.5, 0, 50, 3.2972, 0, 1.0000),
    (50, 2.5, 0, 50, 1.8634, 0.5757, 1.0000),
    (50, 2.5, 0, 50, 3.2592, 0.3350, 1.0000),
    (60.2574, -34.0099, 36.2677, 60.4626, -34.1751, 39.4387, 1.2644),
    (63.0109, -31.0961, -5.8663, 62.8187, -29.7946, -4.0864, 1.2630),
    (61.2901, 3.7196, -5.3901, 61.4292, 2.2480, -4.9620, 1.8731),
    (35.0831, -44.1164, 3.7933, 35.0232, -40.0716, 1.5901, 1.8645),
    (22.7233, 20.0904, -46.6940, 23.0331, 14.9730, -42.5619, 2.0373),
    (36.4612, 47.8580, 18.3852, 36.2715, 50.5065, 21.2231, 1.4146),
    (90.8027, -2.0831, 1.4410, 91.1528, -1.6435, 0.0447, 1.4441),
    (90.9257, -0.5406, -0.9208, 88.6381, -0.8985, -0.7239, 1.5381),
    (6.7747, -0.2908, -2.4247, 5.8714, -0.0985, -2.2286, 0.6377),
    (2.0776, 0.0795, -1.1350, 0.9033, -0.0636, -0.5514, 0.9082),
]


def grays(*levels: float) -> list[np.ndarray]:
    return [np.full((8, 8, 3), level, np.float32) for level in levels]


def lab(rgb: float | np.ndarray) -> np.ndarray:
    return cv2.cvtColor(np.full((1, 1, 3), rgb, np.float32), cv2.COLOR_RGB2LAB)[0, 0]


@pytest.mark.parametrize("row", SHARMA)
def test_agrees_with_the_published_pairs(row: tuple[float, ...]):
    first, second, expected = row[:3], row[3:6], row[6]
    assert ciede2000(first, second) == pytest.approx(expected, abs=5e-5)
    assert ciede2000(second, first) == pytest.approx(expected, abs=5e-5)


def test_many_colours_at_once():
    table = np.array(SHARMA)
    np.testing.assert_allclose(ciede2000(table[:, :3], table[:, 3:6]), table[:, 6], atol=5e-5)
    np.testing.assert_array_equal(ciede2000(table[:, :3], table[:, :3]), 0)


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
