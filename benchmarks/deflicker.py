"""Warp error and sharpness of clips that were painted frame by frame, after `impasto deflicker` over before."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

import impasto
from benchmarks.harness import Measurement, main, say
from benchmarks.paintedclip import first_frames, write_frames
from impasto.evaluation.assets import CLIPS, STYLES, clip_file, style_file
from impasto.evaluation.judge import read_picture
from impasto.evaluation.warp_error import STEPS, warp_error
from impasto.guidance import Guidance, Style
from impasto.job.pixels import to_bytes, to_float
from impasto.motion.flow import gray
from impasto.stylizers.feedforward.swift import Swift
from impasto.stylizers.memoryshot import MemoryShot
from impasto.video.types import Picture

FRAMES = 12
WAYS = {"guided": True, "alone": False}


def paint(frames: Sequence[Picture], style: Path) -> list[Picture]:
    """`swift` without its stabiliser: each frame is the first of a shot."""
    floats = [to_float(frame) for frame in frames]
    stylizer = Swift("draft")
    stylizer.prepare(Guidance(styles=(Style(image=style),)), MemoryShot(floats), lambda share: None)
    return [to_bytes(painted) for frame in floats for painted in stylizer.stylize([frame], {})]


def deflicker(painted: Sequence[Picture], guide: Sequence[Picture] | None) -> list[Picture]:
    """As the command does it, from folders of PNG frames to another."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, output = write_frames(folder / "painted", painted), folder / "steady"
        before = None if guide is None else write_frames(folder / "guide", guide)
        impasto.deflicker(source, guide=before, output=output)
        return [read_picture(path) for path in sorted(output.glob("*.png"))]


def sharpness(frames: Sequence[Picture]) -> float:
    """Variance of the Laplacian; without the first frame, which is never changed."""
    return float(np.mean([cv2.Laplacian(gray(frame), cv2.CV_32F).var() for frame in frames[1:]]))


def measure_clip(clip: str, style: str) -> dict[str, float]:
    """Errors of the clip itself, as painted and as steadied, and what is left of the sharpness."""
    frames = first_frames(clip_file(clip), FRAMES)
    painted = paint(frames, style_file(style))
    row = {}
    for key, step in STEPS.items():
        error = warp_error(frames, painted, step)
        row |= {f"{key}_source": error.source, f"{key}_painted": error.output}
    for way, guided in WAYS.items():
        steady = deflicker(painted, frames if guided else None)
        row |= {f"{key}_{way}": warp_error(frames, steady, step).output for key, step in STEPS.items()}
        row[f"sharpness_{way}"] = sharpness(steady) / sharpness(painted)
    return {key: round(value, 4) for key, value in row.items()}


def measure(quick: bool = False) -> Measurement:
    rows = []
    for clip, style in list(zip(CLIPS, STYLES, strict=True))[: 1 if quick else None]:
        row = measure_clip(clip, style)
        say(f"{clip} x {style}: {row}")
        rows.append({"clip": clip, "style": style, **row})
    mean = {key: float(np.mean([row[key] for row in rows])) for key in rows[0] if key not in ("clip", "style")}
    figure = {f"{key}_{way}": mean[f"{key}_{way}"] / mean[f"{key}_painted"] for way in WAYS for key in STEPS}
    figure |= {f"sharpness_{way}": mean[f"sharpness_{way}"] for way in WAYS}
    return Measurement(
        figure,
        {
            "short, long": "warp error over 1 and 5 frames (impasto.evaluation.warp_error), steadied over painted",
            "sharpness": "variance of the Laplacian, steadied over painted, in which the flicker counts as sharp",
            "ways": "guided: the clip as it was is the guide; alone: no guide",
            "frames": f"the first {FRAMES} of each clip, painted by swift, preset draft, without its stabiliser",
            "mean": mean,
            "rows": rows,
        },
    )


if __name__ == "__main__":
    main("deflicker", measure)
