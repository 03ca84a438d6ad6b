"""What is to be made from nothing: what is said of it, and else what the model makes best."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from impasto.errors import UnsupportedOption
from impasto.job.checks import check_makes
from impasto.stylizers.base import Model
from impasto.video.blank import Canvas
from impasto.video.pictures import PICTURE_SUFFIXES


def canvas_for(
    model: Model,
    output: Path,
    size: tuple[int, int] | None = None,
    seconds: Fraction | None = None,
    frames: int | None = None,
    fps: Fraction | None = None,
) -> Canvas:
    """The canvas of a clip, or of a picture where the output is one.

    Args:
        size: (width, height).
        seconds: how long, or `frames`, how many; not both.

    Raises:
        UnsupportedOption: the model only repaints, or what is said cannot be.
    """
    check_makes(model)
    canvas = model.capabilities.canvas
    assert canvas is not None
    if seconds is not None and frames is not None:
        raise UnsupportedOption(f"{float(seconds):g} seconds and {frames} frames are two lengths; give one of them.")
    if output.suffix.lower() in PICTURE_SUFFIXES:
        if seconds is not None or frames not in (None, 1):
            raise UnsupportedOption(f"The picture {output.name!r} has one frame; leave out the length.")
        frames = 1
    fps = canvas.fps if fps is None else fps
    if seconds is not None:
        frames = max(1, round(seconds * fps)) if seconds > 0 else 0
    width, height = size or (canvas.width, canvas.height)
    return replace(canvas, width=width, height=height, frames=canvas.frames if frames is None else frames, fps=fps)
