"""Repaint frames as they come, without an end: here those of a video, in place of a camera.

python examples/stream.py holiday.mp4 monet-water-lilies frames/
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from PIL import Image

import impasto


def camera(path: str) -> Iterator[np.ndarray]:
    """RGB frames, uint8 [height, width, 3]."""
    with av.open(path) as container:
        for frame in container.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def main(path: str, style: str, folder: str) -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    # The first frames are looked at before one is painted; after that each comes out as it goes in.
    painted = impasto.stylize_frames(camera(path), style=style, preset="draft")
    for number, frame in enumerate(painted):
        Image.fromarray(frame).save(Path(folder) / f"{number:06d}.jpg", quality=90)


if __name__ == "__main__":
    main(*sys.argv[1:])
