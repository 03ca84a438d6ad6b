"""A source of nothing: as many gray frames as are to be made from a description alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from impasto.errors import UnsupportedOption
from impasto.video.types import Frame, Picture, VideoInfo

GRAY = 128


@dataclass(frozen=True, kw_only=True)
class Canvas:
    """What is to be made. Raises `UnsupportedOption` where that is nothing."""

    width: int
    height: int
    frames: int
    """One: a picture."""
    fps: Fraction

    def __post_init__(self) -> None:
        if min(self.width, self.height, self.frames, self.fps) <= 0:
            raise UnsupportedOption(
                f"A clip of {self.width}x{self.height} pixels and {self.frames} frames at {self.fps} a second cannot "
                "be made; give positive numbers."
            )


class Blank:
    """A `FrameSource` without a file."""

    def __init__(self, canvas: Canvas) -> None:
        self.canvas = canvas
        self._info = VideoInfo(
            path=Path("generated"),
            kind="picture" if canvas.frames == 1 else "folder",
            width=canvas.width,
            height=canvas.height,
            fps=canvas.fps,
            frames=canvas.frames,
            frames_exact=True,
            duration=canvas.frames / canvas.fps,
            time_base=1 / canvas.fps,
        )

    @property
    def info(self) -> VideoInfo:
        return self._info

    @property
    def notes(self) -> list[str]:
        return []

    @property
    def record(self) -> dict[str, Any]:
        return {"decoded": 0, "promised": self.canvas.frames, "corrupt": 0}

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """See `FrameSource.frames`."""
        rgb = _gray(self.canvas.width, self.canvas.height)
        step = 1 / self.canvas.fps
        for index in range(self.canvas.frames)[start:stop]:
            yield Frame(rgb=rgb, time=index * step, duration=step)

    def small_frames(self, max_side: int) -> Iterator[tuple[Fraction, Picture]]:
        """See `FrameSource.small_frames`."""
        width, height = (min(side, max_side) for side in (self.canvas.width, self.canvas.height))
        for index in range(self.canvas.frames):
            yield index / self.canvas.fps, _gray(width, height)


def _gray(width: int, height: int) -> Picture:
    return np.full((height, width, 3), GRAY, np.uint8)
