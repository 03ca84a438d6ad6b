"""A painting stays on what it was painted on, sharp, and leaves with it."""

import cv2
import numpy as np
import pytest

from impasto.guidance import Guidance
from impasto.stylizers.base import State
from impasto.stylizers.feedforward.steadily import repaint_steadily
from impasto.stylizers.painted.anchor import Anchor

STEP, FRAMES = 3, 6


@pytest.fixture(scope="module")
def wide() -> np.ndarray:
    """A soft random texture, uint8, wider than a frame by all the motion."""
    noise = np.random.default_rng(3).integers(0, 255, (96, 128 + STEP * FRAMES, 3), np.uint8)
    soft = cv2.GaussianBlur(noise.astype(np.float32), (0, 0), 4)
    return np.clip((soft - 127) * 5 + 127, 0, 255).astype(np.uint8)


def view(wide: np.ndarray, number: int) -> np.ndarray:
    return np.ascontiguousarray(wide[:, STEP * number : STEP * number + 128])


def unit(rgb: np.ndarray) -> np.ndarray:
    return rgb.astype(np.float32) / 255


def anchor_of(wide: np.ndarray, number: int = 0) -> Anchor:
    painted = np.random.default_rng(4).random((96, 128, 3)).astype(np.float32)
    return Anchor(view(wide, number), painted, np.full((96, 128), 255, np.uint8))


def test_the_painted_frame_is_shown_and_moves_along(wide):
    anchor, blank = anchor_of(wide), np.zeros((96, 128, 3), np.float32)
    painting = anchor._painted
    out = [anchor(unit(view(wide, number)), blank) for number in range(FRAMES)]
    np.testing.assert_allclose(out[0], painting, atol=2e-5)
    moved = STEP * (FRAMES - 1)
    # Of white noise; had it blurred to gray it would differ by 0.25.
    assert np.abs(out[-1][8:-8, 8 : 120 - moved] - painting[8:-8, 8 + moved : 120]).mean() < 0.15
    assert out[-1][:, -moved // 2 :].mean() < 0.1  # what came in was not painted


def test_frames_that_are_no_bytes_show_it_too(wide):
    anchor, blank = anchor_of(wide), np.zeros((96, 128, 3), np.float32)
    between = unit(view(wide, 0)) + np.random.default_rng(5).uniform(-0.5, 0.5, (96, 128, 3)) / 255
    out = anchor(np.clip(between, 0, 1).astype(np.float32), blank)
    np.testing.assert_allclose(out, anchor._painted, atol=1e-3)


def test_nothing_is_shown_before_its_frame_has_come(wide):
    anchor, blank = anchor_of(wide, 2), np.zeros((96, 128, 3), np.float32)
    light = [anchor(unit(view(wide, number)), blank).mean() for number in range(4)]
    assert light[:2] == [0, 0]
    assert min(light[2:]) > 0.3


def test_two_segments_are_one(wide):
    frames = [unit(view(wide, number)) for number in range(4)]

    def repainted(*segments: slice) -> list[np.ndarray]:
        state: State = {}
        return [
            frame
            for segment in segments
            for frame in repaint_steadily(frames[segment], state, lambda rgb: rgb * 0.5, Guidance(), anchor_of(wide, 1))
        ]

    for whole, parts in zip(repainted(slice(4)), repainted(slice(2), slice(2, 4)), strict=True):
        np.testing.assert_array_equal(whole, parts)


def test_another_anchor_goes_on_from_what_is_carried(wide):
    blank, whole, first, second = np.zeros((96, 128, 3), np.float32), *(anchor_of(wide) for _ in range(3))
    expected = [whole(unit(view(wide, number)), blank) for number in range(4)]
    for number in range(2):
        first(unit(view(wide, number)), blank)
    second.carry = {key: value.copy() for key, value in first.carry.items()}
    for number in (2, 3):
        np.testing.assert_array_equal(second(unit(view(wide, number)), blank), expected[number])
