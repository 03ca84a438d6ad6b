"""Frames as the metrics take them, and what is refused.

Legend: H height, W width. Frames are float RGB [H, W, 3] in [0, 1].
"""

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from impasto.errors import InputError

Frame = NDArray[np.float32]


def check_frame(frame: Frame, name: str = "The picture") -> None:
    """Raise `InputError` where a frame is not RGB of finite numbers in [0, 1]."""
    if frame.dtype.kind != "f" or frame.ndim != 3 or frame.shape[2] != 3 or not frame.size:
        raise InputError(f"{name} is {frame.dtype} of shape {frame.shape}; give float RGB [H, W, 3] in [0, 1].")
    low, high = float(frame.min()), float(frame.max())
    if not math.isfinite(high - low):
        bad = frame.size - np.count_nonzero(np.isfinite(frame))
        raise InputError(f"{name} has {bad} values that are NaN or infinite; make it anew or leave it out.")
    if low < 0 or high > 1:
        raise InputError(f"{name} has values from {low:.4g} to {high:.4g}; give RGB in [0, 1].")


def check_pair(first: Frame, second: Frame, names: tuple[str, str] = ("The first picture", "the second")) -> None:
    """Raise `InputError` where two frames cannot be compared pixel by pixel."""
    for frame, name in zip((first, second), names, strict=True):
        check_frame(frame, name)
    if first.shape != second.shape:
        raise InputError(
            f"{names[0]} is {_size(first)} pixels, {names[1]} {_size(second)}; resize one to the size of the other."
        )


def checked(frames: Iterable[Frame], fewest: int = 1) -> Iterator[Frame]:
    """The frames of a video as they come.

    Raises:
        InputError: a frame is no picture or of another size than the first (says which), or there are too few.
    """
    first, count = None, 0
    for frame in frames:
        check_frame(frame, f"Frame {count}")
        first = frame.shape if first is None else first
        if frame.shape != first:
            raise InputError(
                f"Frame {count} is {_size(frame)} pixels, those before it {first[1]}x{first[0]}; "
                "give frames of one size."
            )
        yield frame
        count += 1
    if count < fewest:
        raise InputError(f"The video has {count} frames; this metric needs at least {fewest}.")


def frame_by_frame(
    measure: Callable[[Frame, Frame], float], sources: Iterable[Frame], outputs: Iterable[Frame]
) -> list[float]:
    """`measure` of each frame of the source with the output's of the same number.

    Raises:
        InputError: the videos differ in length or size, or a frame is no picture (says which).
    """
    figures = []
    for number, (source, output) in enumerate(zip_longest(sources, outputs)):
        if source is None or output is None:
            short, long = ("source", "output") if source is None else ("output", "source")
            raise InputError(f"The {short} ends after {number} frames, the {long} goes on; give videos of one length.")
        check_pair(source, output, (f"Frame {number} of the source", f"frame {number} of the output"))
        figures.append(measure(source, output))
    if not figures:
        raise InputError("The videos have no frames; give at least one.")
    return figures


def _size(frame: Frame) -> str:
    return f"{frame.shape[1]}x{frame.shape[0]}"
