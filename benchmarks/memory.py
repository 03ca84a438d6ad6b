"""Peak memory of a long clip over that of a short one: it must not grow with the length."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.harness import Measurement, main, say
from benchmarks.onejob import run_job

WIDTH, HEIGHT = 320, 180
LENGTHS = (600, 7200)
"""Frames: a minute at 10 a second, an hour at 2, so that it ends in minutes; memory does not know the rate."""
SHOT = 250
"""Frames between two cuts, so that the long clip has more shots too."""


def texture(rng: np.random.Generator) -> NDArray[np.uint8]:
    """A large smooth random picture."""
    noise = rng.random((HEIGHT * 2, WIDTH * 2, 3), np.float32)
    soft = cv2.GaussianBlur(noise, (0, 0), 6)
    low, high = soft.min(), soft.max()
    return ((soft - low) / (high - low) * 255).astype(np.uint8)


def frames(count: int) -> Iterator[NDArray[np.uint8]]:
    """A window that circles over a picture, another one after every cut."""
    rng = np.random.default_rng(0)
    picture = texture(rng)
    for t in range(count):
        if t and t % SHOT == 0:
            picture = texture(rng)
        y, x = int(HEIGHT / 2 * (1 + np.sin(t / 40))), int(WIDTH / 2 * (1 + np.cos(t / 40)))
        yield np.ascontiguousarray(picture[y : y + HEIGHT, x : x + WIDTH])


def write_clip(path: Path, count: int) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for rgb in frames(count):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode())


def measure(quick: bool = False) -> Measurement:
    peaks = []
    with tempfile.TemporaryDirectory() as folder:
        clip, style = Path(folder) / "clip.mp4", Path(folder) / "style.png"
        Image.fromarray(texture(np.random.default_rng(1))).save(style)
        for length in LENGTHS:
            count = length // 10 if quick else length
            write_clip(clip, count)
            say(f"job of {count} frames ...")
            peaks.append(run_job(clip, style, Path(folder) / "out.mp4", "draft").peak_bytes)
    return Measurement(
        {"ratio": peaks[1] / peaks[0]},
        {
            "clip": f"{WIDTH}x{HEIGHT}, a cut every {SHOT} frames, {LENGTHS[1]} frames over {LENGTHS[0]}",
            "preset": "draft",
            "peak": "largest resident set of the job's own process",
            "megabytes": [round(peak / 1e6, 1) for peak in peaks],
        },
    )


if __name__ == "__main__":
    main("memory", measure)
