"""The one way to open what a user gives: a video file, a folder or numbered pattern of pictures, one picture."""

from fractions import Fraction
from pathlib import Path

from impasto.errors import UnreadableInput, UnsupportedOption
from impasto.video.picturefolder import PictureSequence, pictures_in
from impasto.video.pictures import is_picture
from impasto.video.types import FrameSource
from impasto.video.videofile import VideoFile

__all__ = ["FrameSource", "open_source"]


def open_source(path: str | Path, fps: Fraction | None = None) -> FrameSource:
    """Open a source for reading; `fps` (default 24) is the rate of a folder of pictures, which has none of its own.

    Raises `UnreadableInput` where there is nothing that can be read, `UnsupportedOption` where `fps` is not positive.
    """
    path = Path(path)
    if fps is not None and fps <= 0:
        raise UnsupportedOption(f"A rate of {fps} frames a second is out of range; give a positive number.")
    if path.is_dir() or (not path.exists() and "%" in path.name):
        return PictureSequence(path, pictures_in(path), fps)
    if not path.exists():
        raise UnreadableInput(f"No such file: {str(path)!r}; check the path.")
    if is_picture(path):
        return PictureSequence(path, [path], fps)
    return VideoFile(path)
