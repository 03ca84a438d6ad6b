"""Dynamic degree and smoothness of clips whose motion is known."""

from fractions import Fraction

import numpy as np
import pytest

from impasto.errors import InputError, UnsupportedOption
from impasto.evaluation.metrics.motion import dynamic_degree, halfway, motion_smoothness, top_magnitude
from tests.evaluation.metrics.toys import SIZE, blurred, noisy, sliding, texture


def clip(speed: int, frames: int = 9) -> list[np.ndarray]:
    """Moves by `speed` pixels from one frame to the next."""
    return sliding([speed * number for number in range(frames)])


def test_only_the_fastest_pixels_count():
    """A twentieth of the picture moves by 5 pixels, (3, 4), the rest by 1."""
    flow = np.full((20, 40, 2), (1, 0), np.float32)
    flow[:2, :20] = 3, 4
    assert top_magnitude(flow) == pytest.approx(5)
    flow[:2, :10] = 0
    assert top_magnitude(flow) == pytest.approx((5 + 1) / 2)


@pytest.mark.parametrize(("speed", "dynamic"), [(0, False), (1, False), (2, True), (4, True)])
def test_known_motion_against_the_threshold(speed: int, dynamic: bool):
    """At 8 frames a second the threshold is 6 * 64 / 256 = 1.5 pixels."""
    found = dynamic_degree(iter(clip(speed)), Fraction(8))
    assert found.threshold == 6 * SIZE[0] / 256
    assert found.dynamic == dynamic
    assert found.magnitude == pytest.approx(speed, rel=0.25, abs=0.05)


def test_the_frame_rate_changes_nothing():
    """One motion, filmed at 8 and at 24 frames a second: of the latter every third frame is looked at."""
    slow, fast = clip(3, frames=5), clip(1, frames=13)
    assert dynamic_degree(slow, Fraction(8)) == dynamic_degree(fast, Fraction(24))
    # A rate that has no whole step to 8 a second: pairs 3/25 s apart, and the threshold for that time.
    found = dynamic_degree(fast, Fraction(25))
    assert found.threshold == pytest.approx(1.5 * 8 * 3 / 25)
    assert found.magnitude == dynamic_degree(fast, Fraction(24)).magnitude


@pytest.mark.parametrize(("moving", "dynamic"), [(1, False), (2, True)])
def test_a_quarter_of_the_frames_must_move(moving: int, dynamic: bool):
    """Of 8 frames, 2 pairs."""
    offsets = np.cumsum([0] + [4] * moving + [0] * (7 - moving)).tolist()
    assert dynamic_degree(sliding(offsets), Fraction(8)).dynamic == dynamic


def test_two_frames_that_stand_still_are_not_dynamic():
    assert not dynamic_degree([texture(0)] * 2, Fraction(8)).dynamic


def test_flicker_of_a_still_clip_moves_less_than_motion():
    unsteady = [noisy(texture(0, grain=3), 0.01, seed) for seed in range(5)]
    assert dynamic_degree(unsteady, Fraction(8)).magnitude < dynamic_degree(clip(2, 5), Fraction(8)).magnitude


def test_halfway_is_the_frame_between():
    first, middle, last = sliding([0, 3, 6])
    inside = np.s_[8:-8, 8:-8]
    assert np.abs(halfway(first, last) - middle)[inside].mean() < 0.01
    assert np.abs((first + last) / 2 - middle)[inside].mean() > 0.03
    np.testing.assert_allclose(halfway(first, first), first, atol=1e-3)


def test_smoothness_is_of_odd_frames_between_even_ones():
    frames = sliding([0, 2, 4, 7, 9, 10])
    expected = np.mean([np.abs(frames[i] - halfway(frames[i - 1], frames[i + 1])).mean() for i in (1, 3)])
    assert motion_smoothness(iter(frames)) == pytest.approx(1 - expected)


def test_smoothness_moves_the_right_way():
    even, jerky, shuffled = sliding([0, 2, 4, 6, 8]), sliding([0, 4, 4, 8, 8]), sliding([4, 0, 8, 2, 6])
    unsteady = [noisy(frame, 0.1, seed) for seed, frame in enumerate(even)]
    smoothness = motion_smoothness(even)
    assert smoothness > 0.98
    for worse in (jerky, shuffled, unsteady):
        assert motion_smoothness(worse) < smoothness - 0.01
    assert motion_smoothness([texture(0)] * 3) > smoothness
    # The trap: blur hides every jerk.
    assert motion_smoothness([blurred(frame, 4) for frame in jerky]) > motion_smoothness(jerky)


def test_refuses_what_does_not_move():
    frame = texture(0)
    with pytest.raises(InputError, match="has 3 frames; this metric needs at least 4"):
        dynamic_degree([frame] * 3, Fraction(24))
    with pytest.raises(InputError, match="has 2 frames; this metric needs at least 3"):
        motion_smoothness([frame] * 2)
    with pytest.raises(UnsupportedOption, match="0 frames a second"):
        dynamic_degree([frame] * 3, Fraction(0))
    for measure in (motion_smoothness, lambda frames: dynamic_degree(frames, Fraction(8))):
        with pytest.raises(InputError, match="96x15 pixels; flow needs sides of at least 16"):
            measure([frame[:15]] * 3)
        with pytest.raises(InputError, match="Frame 2 has 18432 values that are NaN"):
            measure([frame, frame, np.full_like(frame, np.nan)])
