"""Warp error of repainted clips, over one frame and over five, and how much of the style they have."""

import tempfile
from itertools import islice
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Measurement, main, say
from impasto.evaluation.assets import CLIPS, STYLES, clip_file, style_file
from impasto.evaluation.judge import Judge, read_picture
from impasto.evaluation.warp_error import warp_error
from impasto.guidance import Guidance, Style
from impasto.job.request import Request
from impasto.job.run import run
from impasto.video.pictures import write_picture

FRAMES = 16
STEPS = {"short": 1, "long": 5}


def first_frames(path: Path) -> list[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        decoded = islice(container.decode(video=0), FRAMES)
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in decoded]


def repaint(frames: list[NDArray[np.uint8]], style: Path, folder: Path) -> list[NDArray[np.uint8]]:
    """Run a job with the default preset from a folder of PNG frames to another: lossless on both sides."""
    source, output = folder / "source", folder / "painted"
    source.mkdir()
    for number, frame in enumerate(frames):
        write_picture(source / f"{number:04d}.png", frame)
    run(Request(source=source, output=output, guidance=Guidance(styles=(Style(image=style),))))
    return [read_picture(path) for path in sorted(output.glob("*.png"))]


def measure(quick: bool = False) -> Measurement:
    judge = Judge()
    rows = []
    for clip in CLIPS[: 1 if quick else None]:
        frames = first_frames(clip_file(clip))
        for name in STYLES[: 1 if quick else None]:
            style = style_file(name)
            with tempfile.TemporaryDirectory() as folder:
                painted = repaint(frames, style, Path(folder))
            errors = {key: warp_error(frames, painted, step) for key, step in STEPS.items()}
            gap = judge(*(judge.see(rgb) for rgb in (painted[0], frames[0], read_picture(style)))).gap
            row = {key: error.output for key, error in errors.items()} | {"gap": gap}
            row |= {f"source_{key}": error.source for key, error in errors.items()}
            say(f"{clip} x {name}: " + ", ".join(f"{key} {value:.3f}" for key, value in row.items()))
            rows.append({"clip": clip, "style": name, **{key: round(value, 4) for key, value in row.items()}})
    return Measurement(
        {key: float(np.mean([row[key] for row in rows])) for key in ("short", "long", "gap")},
        {
            "error": "warp error x1000 over 1 (short) and 5 (long) frames (impasto.evaluation.warp_error)",
            "frames": f"the first {FRAMES} of each clip, PNG in and out; gap: first frame",
            "preset": "standard",
            "rows": rows,
        },
    )


if __name__ == "__main__":
    main("flicker", measure)
