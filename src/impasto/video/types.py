"""The nouns of video in and out.

Times are `Fraction` seconds. Pictures are numpy uint8: rgb [H, W, 3], alpha [H, W].
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class ColorTags:
    """How YUV values mean colours: code points of ITU-T H.273, as FFmpeg numbers them."""

    matrix: int = 1
    primaries: int = 1
    transfer: int = 1
    full_range: bool = False


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One picture as it is meant to be seen: upright, progressive, SDR."""

    rgb: Picture
    """[H, W, 3]; not premultiplied where there is an alpha."""
    time: Fraction
    """Seconds from the first frame of the source."""
    duration: Fraction
    alpha: Picture | None = None


@dataclass(frozen=True, kw_only=True)
class Track:
    """Anything in a file beside its main picture track."""

    index: int
    """Number of the stream in its file."""
    kind: Literal["audio", "subtitle", "attachment", "data"]
    codec: str
    language: str | None = None
    title: str | None = None


@dataclass(frozen=True, kw_only=True)
class VideoInfo:
    """What is known of a source before it is decoded in full; sizes are as displayed, after rotation."""

    path: Path
    kind: Literal["video", "folder", "picture"]
    width: int
    height: int
    fps: Fraction
    """Average rate; a source of variable rate keeps its own frame times."""
    frames: int
    """As promised by the file, or estimated; exact once the source was read to its end."""
    frames_exact: bool
    duration: Fraction
    sample_aspect: Fraction = Fraction(1)
    has_alpha: bool = False
    interlaced: bool = False
    hdr: bool = False
    bit_depth: int = 8
    color: ColorTags = field(default_factory=ColorTags)
    """Tags of the frames as they are handed out: of the source, or BT.709 where HDR was tone-mapped."""
    tracks: tuple[Track, ...] = ()
    chapters: int = 0
    codec: str = ""
    container: str = ""
    start: Fraction = Fraction(0)
    """Time of the first frame on the file's own clock, which sound and subtitles share."""
    time_base: Fraction = Fraction(1, 90000)
    """Unit that every frame time is a whole multiple of."""


@dataclass(frozen=True)
class Shot:
    """Frames `start` .. `stop` - 1 between two cuts."""

    start: int
    stop: int
    start_time: Fraction
    stop_time: Fraction


class FrameSource(Protocol):
    """Frames from a file or a folder, read as a stream as often as needed.

    A source that conforms passes tests/video/test_source_conformance.py.
    """

    @property
    def info(self) -> VideoInfo: ...

    @property
    def notes(self) -> list[str]:
        """Sentences on what was salvaged, skipped, deinterlaced, scaled; grows while decoding."""
        ...

    @property
    def record(self) -> dict[str, Any]:
        """Counts for the run record: `decoded`, `promised`, `corrupt` (packets or pictures)."""
        ...

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """Yield the frames `start` .. `stop` - 1 in presentation order; each call starts anew.

        Raises `UnreadableInput` at the end of the source where less than half of the promised frames decode.
        """
        ...

    def small_frames(self, max_side: int) -> Iterator[tuple[Fraction, Picture]]:
        """Yield (time, rgb) of every frame, no side longer than `max_side`: a cheap pass for shot detection."""
        ...
