"""Peak memory of a 4K job, and how far frames painted in parts are from frames painted whole, in float32."""

import tempfile
from functools import partial
from pathlib import Path

import av
import numpy as np
import torch
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image

from benchmarks.harness import Measurement, main, say
from benchmarks.onejob import run_job
from impasto.job.pixels import to_float
from impasto.scenes.noise import fractal
from impasto.stylizers.base import FrameArray
from impasto.stylizers.feedforward import johnson
from impasto.stylizers.feedforward.bands import banded_engine
from impasto.stylizers.feedforward.engine import fold, torch_engine
from impasto.stylizers.feedforward.margins import eager_engine
from impasto.stylizers.feedforward.network import MULTIPLE, reach
from impasto.stylizers.feedforward.styles import named_code
from impasto.stylizers.feedforward.swift import predict, shot_colors
from impasto.stylizers.feedforward.tiles import LARGEST, in_tiles, tiling
from impasto.stylizers.feedforward.weights import embedded_predictor

SIZE, QUICK_SIZE = (3840, 2160), (960, 540)
FRAMES = 10
"""Enough that all queues are full."""
STYLE = "van-gogh-irises"


def picture(size: tuple[int, int], seed: int) -> NDArray[np.uint8]:
    """Cloudy noise from the width of the picture down to single pixels."""
    rng, (width, height) = np.random.default_rng(seed), size
    planes = [fractal(rng, (height, width), width / 4, octaves=11, gain=0.6) for _ in range(3)]
    return (np.clip(0.5 + 0.2 * np.stack(planes, -1), 0, 1) * 255).astype(np.uint8)


def write_clip(path: Path, rgb: NDArray[np.uint8]) -> None:
    """The picture, moving."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast", "crf": "18"})
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = rgb.shape[:2]
        stream.pix_fmt = "yuv420p"
        for t in range(FRAMES):
            moved = np.roll(rgb, (3 * t, 5 * t), (0, 1))
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moved, format="rgb24")))
        container.mux(stream.encode())


def off(painted: FrameArray, whole: FrameArray) -> float:
    """Share of the pixels of which a colour differs by more than 1/255."""
    return float((np.abs(painted - whole).max(-1) > 1 / 255).mean())


def swift_off(size: tuple[int, int], largest: int) -> float:
    """Of swift's network in a named style, in tiles of at most that many pixels and whole."""
    frame, config = to_float(picture(size, 0)), embedded_predictor().config.network
    code, pairs = named_code(STYLE), [np.stack([frame[:512, :512]] * 2)]
    seen = torch.from_numpy(pairs[0]).permute(0, 3, 1, 2)
    paint = torch_engine(fold(predict(code, pairs), config, seen, *shot_colors(pairs, code.colors)))
    tiles = tiling(*size, reach(config), MULTIPLE, largest)
    return off(in_tiles(lambda height, width: paint, tiles)(frame), paint(frame))


def johnson_off(size: tuple[int, int]) -> float:
    """Of Johnson's network with random weights, in bands and whole."""
    frame, config = to_float(picture(size, 0)), johnson.JohnsonConfig()
    parameters = johnson.new_parameters(config, seed=0)
    eager = johnson.Eager(parameters, config)
    painted = banded_engine(parameters, config)(frame)
    return off(painted, eager_engine(partial(johnson.wire, eager, config=config))(frame))


def measure(quick: bool = False) -> Measurement:
    size = QUICK_SIZE if quick else SIZE
    with tempfile.TemporaryDirectory() as folder:
        clip, style = Path(folder) / "clip.mp4", Path(folder) / "style.png"
        write_clip(clip, picture(size, 0))
        Image.fromarray(picture((640, 480), 1)).save(style)
        say(f"job of {FRAMES} frames ...")
        job = run_job(clip, style, Path(folder) / "out.mp4", "draft" if quick else "standard")
    say(f"{job.peak_bytes / 1e6:.0f} MB; a frame in tiles and whole ...")
    swift = swift_off(size, LARGEST if not quick else size[0] * size[1] // 2)
    say(f"swift {swift:.5f}; layer by layer and whole ...")
    of_johnson = johnson_off(size)
    return Measurement(
        {"megabytes": job.peak_bytes / 1e6, "off_swift": swift, "off_johnson": of_johnson},
        {
            "clip": f"{size[0]}x{size[1]}, {FRAMES} frames of moving noise of every scale",
            "megabytes": "largest resident set of the job's own process, preset "
            + ("draft" if quick else "standard")
            + ", to H.264",
            "off": "share of pixels of one frame that differ by more than 1/255 from the frame painted whole; "
            "both in float32 by torch",
            "swift": f"style {STYLE}, as predicted",
            "johnson": "random weights; painting the frame whole takes about 6 GB",
        },
    )


if __name__ == "__main__":
    main("large", measure)
