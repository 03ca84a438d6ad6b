"""What tables paint on, at toy size: the folder `eval` of the data."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from tests.clips import make_clip


def write_eval(assets: Path, styles: Iterable[tuple[str, str]], clips: Iterable[tuple[str, str]], frames: int) -> None:
    """Style pictures and clips by their names; what is said of them does not matter."""
    rng = np.random.default_rng(0)
    for kind in ("styles", "videos"):
        (assets / "eval" / kind).mkdir(parents=True)
    for style, _ in styles:
        small = Image.fromarray(rng.integers(0, 255, (6, 8, 3), np.uint8))
        small.resize((64, 48)).save(assets / f"eval/styles/{style}.jpg")
    for clip, _ in clips:
        make_clip(assets / f"eval/videos/{clip}.mp4", frames=frames)
