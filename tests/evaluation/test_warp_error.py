"""Warp error on motion that is known, and against its formula."""

import cv2
import numpy as np
import pytest

from impasto.evaluation.warp_error import warp_error

SIZE = (96, 128)


def texture(seed: int) -> np.ndarray:
    """A large smooth random picture, uint8 RGB."""
    noise = np.random.default_rng(seed).random((160, 260, 3)).astype(np.float32)
    blurred = cv2.GaussianBlur(noise, (0, 0), 3)
    return (255 * cv2.normalize(blurred, None, 0, 1, cv2.NORM_MINMAX)).astype(np.uint8)  # pyright: ignore


def moving(picture: np.ndarray, count: int, speed: int = 2) -> list[np.ndarray]:
    """A window that slides over the picture by whole pixels."""
    height, width = SIZE
    return [picture[8 + t : 8 + t + height, 4 + speed * t : 4 + speed * t + width] for t in range(count)]


def test_a_picture_glued_to_the_motion_does_not_flicker():
    error = warp_error(moving(texture(0), 8), moving(texture(1), 8))
    assert error.output < 0.3
    assert error.used > 0.8
    assert error.pairs == 7


def test_noise_flickers_by_twice_its_variance():
    rng = np.random.default_rng(2)
    noise = [rng.normal(0.5, 0.1, (*SIZE, 3)).clip(0, 1) for _ in range(6)]
    still = [texture(0)[: SIZE[0], : SIZE[1]]] * 6
    error = warp_error(still, [(255 * frame).round().astype(np.uint8) for frame in noise])
    assert error.output == pytest.approx(20, rel=0.05)
    assert error.source == 0


def test_the_source_against_itself():
    frames = moving(texture(3), 9, speed=3)
    error = warp_error(frames, frames, step=5)
    assert error.output == error.source
    assert error.pairs == 4


def test_agrees_with_the_definition():
    sources, outputs = moving(texture(4), 4), [255 - frame for frame in moving(texture(5), 4, speed=1)]
    dis = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    x, y = np.meshgrid(*(np.arange(side, dtype=np.float32) for side in SIZE[::-1]))

    def along(image, flow):
        return cv2.remap(image, x + flow[..., 0], y + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    errors = []
    for t in range(3):
        first, second = (cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY) for frame in sources[t : t + 2])
        forward, backward = dis.calc(first, second, None), dis.calc(second, first, None)
        back = along(backward, forward)
        u, v = x + forward[..., 0], y + forward[..., 1]
        inside = (u >= 0) & (u <= SIZE[1] - 1) & (v >= 0) & (v <= SIZE[0] - 1)
        bound = 0.01 * ((forward**2).sum(-1) + (back**2).sum(-1)) + 0.5
        used = inside & (((forward + back) ** 2).sum(-1) <= bound)
        a, b = (frame.astype(np.float32) / 255 for frame in outputs[t : t + 2])
        errors.append(((a - along(b, forward))[used] ** 2).mean())
    assert warp_error(sources, outputs).output == pytest.approx(1000 * np.mean(errors), rel=1e-4)


def test_refuses_videos_that_do_not_match():
    frames = moving(texture(6), 3)
    with pytest.raises(ValueError, match="differ"):
        warp_error(frames, [frame[:-2] for frame in frames])
    with pytest.raises(ValueError, match="shorter"):
        warp_error(frames, frames[:2])
    with pytest.raises(ValueError, match="5 apart"):
        warp_error(frames, frames, step=5)
