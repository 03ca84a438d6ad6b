"""Impasto repaints a video in a style that you describe, show or paint, and keeps it steady."""

# Everything else is imported inside the functions: `import impasto` costs nothing.
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fractions import Fraction
    from pathlib import Path

    import numpy as np

    from impasto.job.arguments import StyleLike
    from impasto.job.events import Listener
    from impasto.job.record import RunRecord
    from impasto.stylizers.base import Preset

__all__ = ["deflicker", "generate", "stylize", "stylize_frames"]


def stylize(
    source: "str | Path",
    *,
    output: "str | Path",
    style: "StyleLike | Iterable[StyleLike]" = (),
    model: str = "swift",
    preset: "Preset" = "standard",
    fps: "Fraction | None" = None,
    codec: str | None = None,
    crf: int | None = None,
    overwrite: bool = False,
    shots: "str | Path | None" = None,
    on_event: "Listener | None" = None,
    **guidance: Any,
) -> "RunRecord":
    """Repaint a video, a picture or a folder of frames and return the record of the run.

        impasto.stylize("in.mp4", style="painting.jpg", output="out.mp4", strength=0.8)

    Args:
        style: a picture, the name of a style, an `impasto.guidance.Style` for weights and times, or several of them.
        shots: a shot list that `impasto shots` made and a person edited.
        overwrite: replace an output that exists, and begin anew where a stopped run could be gone on with.
        on_event: is told what happens (`impasto.job.events`), and may raise to cancel.
        guidance: other fields of `impasto.guidance.Guidance`, such as `prompt`, `strength`, `seed`.

    Raises:
        ImpastoError: see `impasto.errors`; the output is then as it was before.
    """
    from pathlib import Path

    from impasto.job.arguments import guidance_from
    from impasto.job.events import ignore
    from impasto.job.request import Request
    from impasto.job.run import run
    from impasto.job.shotlist import read_shot_list

    request = Request(
        source=Path(source),
        output=Path(output),
        guidance=guidance_from(style, **guidance),
        model=model,
        preset=preset,
        fps=fps,
        codec=codec,
        crf=crf,
        overwrite=overwrite,
        shots=None if shots is None else read_shot_list(Path(shots)),
    )
    return run(request, on_event or ignore)


def generate(
    prompt: str | None = None,
    *,
    output: "str | Path",
    style: "StyleLike | Iterable[StyleLike]" = (),
    model: str = "stylemaster-nano",
    preset: "Preset" = "standard",
    size: tuple[int, int] | None = None,
    seconds: "Fraction | float | None" = None,
    frames: int | None = None,
    fps: "Fraction | None" = None,
    codec: str | None = None,
    crf: int | None = None,
    overwrite: bool = False,
    on_event: "Listener | None" = None,
    seed: int = 0,
) -> "RunRecord":
    """Make a clip of what is described, or a picture where the output is one, and return the record of the run.

        impasto.generate("a boat at sea", style="painting.jpg", output="out.mp4", seconds=3)

    Args:
        style: as in `stylize`.
        size: (width, height) in pixels; by default what the model makes best, as are all that follow.
        seconds: how long, or `frames`, how many.
        on_event: as in `stylize`.

    Raises:
        ImpastoError: see `impasto.errors`; the output is then as it was before.
    """
    from fractions import Fraction
    from pathlib import Path

    from impasto.job.arguments import guidance_from
    from impasto.job.events import ignore
    from impasto.job.making import canvas_for
    from impasto.job.request import Request
    from impasto.job.run import run
    from impasto.stylizers.registry import find_model

    length = None if seconds is None else Fraction(seconds)
    request = Request(
        source=canvas_for(find_model(model), Path(output), size, length, frames, fps),
        output=Path(output),
        guidance=guidance_from(style, prompt=prompt, seed=seed),
        model=model,
        preset=preset,
        codec=codec,
        crf=crf,
        overwrite=overwrite,
    )
    return run(request, on_event or ignore)


def deflicker(
    source: "str | Path",
    *,
    output: "str | Path",
    guide: "str | Path | None" = None,
    fps: "Fraction | None" = None,
    codec: str | None = None,
    crf: int | None = None,
    overwrite: bool = False,
    on_event: "Listener | None" = None,
) -> "RunRecord":
    """Steady a video or a folder of frames that was painted frame by frame, and return the record of the run.

        impasto.deflicker("painted.mp4", guide="in.mp4", output="steady.mp4")

    Args:
        guide: the video as it was before, of as many frames; its motion is surer than that of flickering frames.
        on_event: as in `stylize`.

    Raises:
        ImpastoError: see `impasto.errors`; the output is then as it was before.
    """
    from pathlib import Path

    from impasto.job.deflicker import deflicker_request
    from impasto.job.events import ignore
    from impasto.job.run import run

    request = deflicker_request(
        Path(source),
        Path(output),
        None if guide is None else Path(guide),
        fps=fps,
        codec=codec,
        crf=crf,
        overwrite=overwrite,
    )
    return run(request, on_event or ignore)


def stylize_frames(
    frames: "Iterable[np.ndarray]",
    *,
    style: "StyleLike | Iterable[StyleLike]" = (),
    model: str = "swift",
    preset: "Preset" = "standard",
    **guidance: Any,
) -> "Iterator[np.ndarray]":
    """Repaint the frames of one shot, one after the other.

        for painted in impasto.stylize_frames(frames, style="painting.jpg"): ...

    Args:
        frames: RGB [H, W, 3] of one size, uint8, or floats in [0, 1]; a generator may be endless.

    Yields:
        One frame for each, of the same size and type.

    Raises:
        ImpastoError: at the first frame.
    """
    from impasto.job.arguments import guidance_from
    from impasto.job.frames import repaint_frames

    yield from repaint_frames(frames, guidance_from(style, **guidance), model, preset)
