"""Minutes that all embedded metrics take for 1,000 frames of 640x360, and how memory grows with the length."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image

from benchmarks.harness import Measurement, main, say
from benchmarks.memory import texture
from impasto.evaluation.fixture.embedded import embedded_metrics
from impasto.evaluation.running.choice import missing_weights
from impasto.evaluation.running.clip import Clip
from impasto.evaluation.running.comparison import Comparison
from impasto.evaluation.running.evaluate import evaluate
from impasto.evaluation.tables.freshprocess import in_fresh_process
from impasto.job.clock import peak_memory

WANTED = 1000
LENGTHS = (120, 600)
FPS = 24


def write_clips(folder: Path, count: int) -> Comparison:
    """A picture that moves on and comes in again on the other side; as output the same in other colours."""
    rng = np.random.default_rng(0)
    picture = texture(rng)
    styles = [folder / f"style{number}.png" for number in range(2)]
    for style in styles:
        Image.fromarray(texture(rng)).save(style)
    _write(folder / "source.mp4", picture, count)
    _write(folder / "output.mp4", picture[..., [1, 2, 0]], count)
    return Comparison(
        output=folder / "output.mp4", source=folder / "source.mp4", styles=tuple(styles), prompt="a moving picture"
    )


def _write(path: Path, picture: NDArray[np.uint8], count: int) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "18"})
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        for t in range(count):
            frame = av.VideoFrame.from_ndarray(np.roll(picture, (2 * t, 3 * t), (0, 1)), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def timed(comparison: Comparison) -> Iterator[tuple[float, int]]:
    """Seconds and the largest resident set, in bytes, of measuring a clip; for a process of its own."""
    begun = time.perf_counter()
    for _ in evaluate([Clip(comparison)], list(embedded_metrics().values())):
        pass
    yield time.perf_counter() - begun, peak_memory()


def measure(quick: bool = False) -> Measurement:
    lengths = [length // 10 if quick else length for length in LENGTHS]
    runs = []
    for length in lengths:
        with tempfile.TemporaryDirectory() as folder:
            comparison = write_clips(Path(folder), length)
            say(f"measuring {length} frames ...")
            runs.extend(in_fresh_process(timed, comparison))
            say(f"{runs[-1][0]:.1f} s")
    (short, low), (long, high) = runs
    each = (long - short) / (lengths[1] - lengths[0])
    seconds = long + (WANTED - lengths[1]) * each
    missing = [metric.key for metric in embedded_metrics().values() if missing_weights(metric)]
    return Measurement(
        {"minutes": seconds / 60, "memory_ratio": high / low},
        {
            "clip": f"{WANTED} frames of 640x360, {FPS} a second, with source, two style pictures and a prompt",
            "metrics": [key for key in embedded_metrics() if key not in missing],
            "missing": missing,
            "minutes": f"wall clock, along the line through runs of {lengths[0]} and {lengths[1]} frames",
            "memory_ratio": f"largest resident set of the process, {lengths[1]} over {lengths[0]} frames",
            "seconds": [round(run[0], 1) for run in runs],
            "megabytes": [round(run[1] / 1e6, 1) for run in runs],
        },
    )


if __name__ == "__main__":
    main("measuring", measure)
