"""Other videos that go frame by frame with the source: a mask, a guide."""

from fractions import Fraction
from pathlib import Path

from impasto.errors import UnsupportedOption
from impasto.video.source import FrameSource, open_source
from impasto.video.types import VideoInfo

RATE_TOLERANCE = Fraction(1, 100)
"""Share by which two rates may differ: averages of rates that vary, and 29.97 for 30."""
_REMEDY = "give the video that the frames were painted from"


def check_length(other: FrameSource, what: str, frames: int, remedy: str = _REMEDY) -> None:
    """Raise `UnsupportedOption` unless the other video has that many frames; reads it unless it was read before."""
    if not other.info.frames_exact:
        for _ in other.small_frames(16):
            pass
    if other.info.frames != frames:
        raise UnsupportedOption(
            f"The {what} {str(other.info.path)!r} has {other.info.frames} frames and the source {frames}; {remedy}."
        )


def check_guide(guide: Path, source: VideoInfo) -> None:
    """Raise `UnsupportedOption` for a guide that is a picture or runs at another rate than the source.

    A folder of frames has no rate of its own. Raises `UnreadableInput` for a guide that cannot be read.
    """
    info = open_source(guide).info
    if info.kind == "picture":
        raise UnsupportedOption(f"The guide {str(guide)!r} is a picture, which shows no motion; {_REMEDY}.")
    both_timed = info.kind == source.kind == "video"
    if both_timed and abs(info.fps / source.fps - 1) > RATE_TOLERANCE:
        raise UnsupportedOption(
            f"The guide {str(guide)!r} has {float(info.fps):.4g} frames a second and the source "
            f"{float(source.fps):.4g}; {_REMEDY}, or a folder of its frames."
        )
