"""Where one shot ends and the next begins."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
from scenedetect.common import FrameTimecode
from scenedetect.detectors import AdaptiveDetector

from impasto.errors import UnreadableInput
from impasto.video.types import FrameSource, Shot

_SMALL_SIDE = 256
_SHORTEST_SHOT = 8
"""Frames; shorter flashes belong to the shot around them."""


def find_shots(source: FrameSource, watch: Callable[[int, Fraction], None] | None = None) -> list[Shot]:
    """Cut a source into shots in one cheap pass, which also counts its frames.

    `watch` takes the number of frames read so far and the time of the last.

    Raises `UnreadableInput` as `FrameSource.frames` does.
    """
    detector = AdaptiveDetector(min_scene_len=_SHORTEST_SHOT)
    cut_times: list[Fraction] = []
    cuts: list[int] = []
    recent: dict[int, Fraction] = {}
    count = 0
    for time, rgb in source.small_frames(_SMALL_SIDE):
        recent[count] = time
        recent.pop(count - 2 * _SHORTEST_SHOT, None)
        bgr = np.ascontiguousarray(rgb[..., ::-1])
        for cut in detector.process_frame(FrameTimecode(count, fps=25.0), bgr):
            cuts.append(cut.frame_num)
            cut_times.append(recent[cut.frame_num])
        count += 1
        if watch:
            watch(count, time)
    if count == 0:
        raise UnreadableInput(f"{str(source.info.path)!r} holds no frames; check that it plays.")
    starts, times = [0, *cuts], [Fraction(0), *cut_times]
    stops, stop_times = [*cuts, count], [*cut_times, source.info.duration]
    return [Shot(*shot) for shot in zip(starts, stops, times, stop_times, strict=True)]
