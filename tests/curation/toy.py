"""Pairs so small that a test makes several in a second."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from impasto.curation.config import PRESETS, CurationConfig
from impasto.curation.plan import Settings
from tests.clips import make_clip

LIMITS = {"csd": -1.0}
"""Pictures as small as these have no style to speak of."""
TOY = replace(
    PRESETS["ct"], pixels=64 * 48, frames=5, fps=8, windows=2, routes=("redrawn",), pictures=(1, 2), limits=LIMITS
)


def panning(seed: int, frames: int, size: tuple[int, int] = (64, 48)) -> list[np.ndarray]:
    """A view that moves by a pixel a frame over a random picture of coarse blocks."""
    width, height = size
    shape = height // 8 + 1, (width + frames) // 8 + 2, 3
    large = np.random.default_rng(seed).integers(20, 236, shape, np.uint8).repeat(8, 0).repeat(8, 1)
    return [np.ascontiguousarray(large[:height, n : n + width]) for n in range(frames)]


def video(path: Path, seed: int = 0, frames: int = 12, caption: str | None = "a wall of tiles") -> Path:
    """A clip of eight frames a second, and its caption beside it."""
    make_clip(path, frames=frames, fps=8, pictures=panning(seed, frames), options={"crf": "10"})
    if caption:
        path.with_suffix(".txt").write_text(caption)
    return path


def settings(*sources: str | Path, **changes: object) -> Settings:
    return Settings(sources=tuple(map(str, sources)), config=changed(**changes))


def changed(**changes: object) -> CurationConfig:
    return replace(TOY, **changes)  # pyright: ignore[reportArgumentType]
