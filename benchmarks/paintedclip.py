"""The first frames of a clip, repainted by a job and measured: what several benchmarks share."""

import tempfile
import time
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from impasto.evaluation.assets import clip_file, style_file
from impasto.evaluation.judge import Judge, read_picture
from impasto.evaluation.warp_error import STEPS, warp_error
from impasto.guidance import Guidance, Style
from impasto.job.request import Request
from impasto.job.run import run
from impasto.stylizers.registry import DEFAULT_MODEL
from impasto.video.pictures import write_picture

FRAMES = 16
TIMED_CLIP, TIMED_STYLE, TIMED_FRAMES = "davis_dance-twirl", "nst-vg-olive", 33
PROTOCOL = {
    "error": "warp error x1000 over 1 (short) and 5 (long) frames (impasto.evaluation.warp_error)",
    "frames": f"the first {FRAMES} of each clip, PNG in and out; gap and content: first frame",
    "preset": "standard",
}


def measure_clip(judge: Judge, clip: str, style: str, net: Path | None = None) -> dict[str, float]:
    """Warp errors of a clip in a style with the default preset, those of the clip itself, and gap and content.

    Args:
        net: what `impasto learn` made of the style; None means the default model.
    """
    frames, picture = first_frames(clip_file(clip), FRAMES), style_file(style)
    guidance = Guidance() if net else Guidance(styles=(Style(image=picture),))
    painted = repaint_files(frames, guidance, str(net) if net else DEFAULT_MODEL)
    verdict = judge(*(judge.see(rgb) for rgb in (painted[0], frames[0], read_picture(picture))))
    errors = {key: warp_error(frames, painted, step) for key, step in STEPS.items()}
    row = {key: error.output for key, error in errors.items()}
    row |= {"gap": verdict.gap, "content": verdict.content}
    row |= {f"source_{key}": error.source for key, error in errors.items()}
    return {key: round(value, 4) for key, value in row.items()}


def first_frames(path: Path, count: int) -> list[NDArray[np.uint8]]:
    """The first frames of a clip, uint8 RGB [H, W, 3]."""
    with av.open(str(path)) as container:
        decoded = islice(container.decode(video=0), count)
        return [np.asarray(frame.to_ndarray(format="rgb24"), np.uint8) for frame in decoded]


def minutes_of(model: str, quick: bool) -> tuple[float, str]:
    """What a whole job takes that repaints a short clip after a style picture, and its protocol."""
    frames = first_frames(clip_file(TIMED_CLIP), 5 if quick else TIMED_FRAMES)
    start = time.perf_counter()
    repaint_files(frames, Guidance(styles=(Style(image=style_file(TIMED_STYLE)),)), model)
    minutes = (time.perf_counter() - start) / 60
    return minutes, f"the whole job for the first {len(frames)} frames of {TIMED_CLIP}, PNG in and out, default preset"


def write_frames(folder: Path, frames: Iterable[NDArray[np.uint8]]) -> Path:
    """Make a folder of PNG frames."""
    folder.mkdir()
    for number, frame in enumerate(frames):
        write_picture(folder / f"{number:04d}.png", frame)
    return folder


def repaint_files(frames: list[NDArray[np.uint8]], guidance: Guidance, model: str) -> list[NDArray[np.uint8]]:
    """Run a job from a folder of PNG frames to another: lossless on both sides."""
    with tempfile.TemporaryDirectory() as folder:
        source, output = write_frames(Path(folder) / "source", frames), Path(folder) / "painted"
        run(Request(source=source, output=output, guidance=guidance, model=model))
        return [read_picture(path) for path in sorted(output.glob("*.png"))]
