"""Pictures for training, held in memory as bytes and cropped at random."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from impasto.errors import InputError


def read_folder(folder: Path) -> list[NDArray[np.uint8]]:
    """All JPEG and PNG pictures of a folder, sorted by name, RGB [H, W, 3].

    Raises:
        InputError: there are none.
    """
    paths = sorted(p for p in folder.glob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
    if not paths:
        raise InputError(f"No pictures to train on in {folder}; set IMPASTO_ASSETS or name another folder.")
    return [cv2.cvtColor(cv2.imread(str(p), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB) for p in paths]


def short_side(picture: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """The picture resized so that its short side is `size`, proportions kept."""
    h, w = picture.shape[:2]
    ratio = size / min(h, w)
    interpolation = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
    return cv2.resize(picture, (max(size, round(w * ratio)), max(size, round(h * ratio))), interpolation=interpolation)


def random_crop(
    picture: NDArray[np.uint8], size: int, rng: np.random.Generator, short: tuple[int, int]
) -> NDArray[np.uint8]:
    """A square crop of `size` pixels, mirrored half the time, after a random resize to a short side within `short`."""
    resized = short_side(picture, int(rng.integers(max(short[0], size), max(short[1], size) + 1)))
    y, x = (int(rng.integers(0, extent - size + 1)) for extent in resized.shape[:2])
    crop = resized[y : y + size, x : x + size]
    return np.ascontiguousarray(crop[:, ::-1] if rng.random() < 0.5 else crop)


def batch(crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
    """[B, 3, H, W] in [0, 1]."""
    return np.stack(crops).transpose(0, 3, 1, 2).astype(np.float32) / np.float32(255)
