"""Small pictures and clips, float32 RGB [H, W, 3] in [0, 1]."""

import cv2
import numpy as np

SIZE = (64, 96)


def texture(seed: int, size: tuple[int, int] = SIZE, grain: float = 2) -> np.ndarray:
    """A random picture of soft spots, `grain` pixels wide."""
    noise = np.random.default_rng(seed).random((*size, 3)).astype(np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), grain)
    return (soft - soft.min()) / (soft.max() - soft.min())


def sliding(offsets: list[int], seed: int = 0) -> list[np.ndarray]:
    """A window on a wide texture, at each of the offsets in pixels, up to 48."""
    height, width = SIZE
    wide = texture(seed, (height, width + 48), grain=3)
    return [wide[:, offset : offset + width] for offset in offsets]


def noisy(picture: np.ndarray, amount: float, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, amount, picture.shape)
    return np.clip(picture + noise, 0, 1).astype(np.float32)


def blurred(picture: np.ndarray, sigma: float) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), sigma)


def tinted(picture: np.ndarray, amount: float) -> np.ndarray:
    """More red, less blue."""
    return np.clip(picture + np.array([amount, 0, -amount]), 0, 1).astype(np.float32)
