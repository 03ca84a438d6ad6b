"""Repainting frames that a Python program holds, without a file on either side."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice, tee

import numpy as np

from impasto.errors import InputError, UnsupportedOption
from impasto.guidance import Guidance
from impasto.job.checks import check_model_takes, check_repaints, check_styles
from impasto.job.mask import Mask, masked
from impasto.job.pixels import to_bytes, to_float
from impasto.stylizers.base import FrameArray, Preset, Stylizer
from impasto.stylizers.memoryshot import MemoryShot
from impasto.stylizers.registry import find_model

FRAMES_TO_LEARN_FROM = 48
"""First frames that a model may look at before it repaints; of a stream no more is known."""
BYTES_TO_LEARN_FROM = 500_000_000
"""Fewer where frames are large."""


def repaint_frames(
    frames: Iterable[np.ndarray], guidance: Guidance, model: str, preset: Preset
) -> Iterator[np.ndarray]:
    """Repaint the frames of one shot; see `impasto.stylize_frames`."""
    entry = find_model(model)
    check_model_takes(entry, guidance, preset)
    check_repaints(entry)
    check_styles(guidance)
    if any(style.start for style in guidance.styles):
        raise UnsupportedOption("Frames have no times at which a style could start; give styles without, or a video.")
    if guidance.keyframes:
        raise UnsupportedOption("Frames have no times at which a keyframe could be; give a first frame, or a video.")
    stream = iter(frames)
    first = next(stream, None)
    if first is None:
        return
    kind = first.dtype
    floats = (_checked(frame, first) for frame in chain([first], stream))
    seen = list(islice(floats, max(2, min(FRAMES_TO_LEARN_FROM, BYTES_TO_LEARN_FROM // (4 * first.size)))))
    stylizer = entry.load(preset)
    stylizer.prepare(guidance, MemoryShot(seen), lambda fraction: None)
    mask = None if guidance.mask is None else Mask(guidance.mask, first.shape[1::-1])
    for painted in _shown(chain(seen, floats), stylizer, mask):
        yield to_bytes(painted) if kind == np.uint8 else painted.astype(kind, copy=False)


def _shown(frames: Iterable[FrameArray], stylizer: Stylizer, mask: Mask | None) -> Iterator[FrameArray]:
    """Painted frames as the mask lets them through."""
    if mask is None:
        yield from stylizer.stylize(frames, {})
        return
    frames, sources = tee(frames)
    weights = mask.weights()
    for painted in stylizer.stylize(frames, {}):
        weight = next(weights, None)
        if weight is None:
            raise InputError("The mask ends before the frames do; give a longer one, or a picture for all of them.")
        yield masked(next(sources), painted, weight)


def _checked(frame: np.ndarray, first: np.ndarray) -> FrameArray:
    if frame.ndim != 3 or frame.shape[2] != 3 or frame.shape != first.shape or frame.dtype != first.dtype:
        raise InputError(
            f"A frame is {frame.dtype} {frame.shape} and the first {first.dtype} {first.shape}; "
            "give RGB frames [height, width, 3] of one size and type."
        )
    if frame.dtype == np.uint8:
        return to_float(frame)
    if not np.issubdtype(frame.dtype, np.floating):
        raise InputError(f"Frames of type {frame.dtype} are not understood; give uint8, or floats from 0 to 1.")
    return np.array(frame, np.float32, order="C")  # the caller may use the frame again
