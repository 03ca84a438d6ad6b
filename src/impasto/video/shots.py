"""Where one shot ends and the next begins."""

from collections import deque
from collections.abc import Callable, Collection
from fractions import Fraction

import numpy as np
from scenedetect.common import FrameTimecode
from scenedetect.detectors import AdaptiveDetector, ThresholdDetector

from impasto.errors import UnreadableInput
from impasto.video.types import FrameSource, Picture, Shot

_SMALL_SIDE = 256
_SHORTEST_SHOT = 8
"""Frames; shorter flashes belong to the shot around them."""
_BLACK = 4
"""Mean of a frame, of 255, below which a shot has faded out; the usual 12 would cut night scenes to pieces."""

Watch = Callable[[int, Fraction], None]
"""Takes the number of frames read so far and the time of the last."""


def find_shots(source: FrameSource, watch: Watch | None = None) -> list[Shot]:
    """Cut a source into shots in one cheap pass, which also counts its frames: at cuts, and where it leaves black.

    Raises `UnreadableInput` as `FrameSource.frames` does.
    """
    adaptive = AdaptiveDetector(min_scene_len=_SHORTEST_SHOT)
    # A fade belongs to the shot before until the first frame that is not black.
    fades = ThresholdDetector(_BLACK, _SHORTEST_SHOT, fade_bias=1.0)
    black: deque[int] = deque(maxlen=_SHORTEST_SHOT)

    def cuts(number: int, rgb: Picture) -> list[int]:
        bgr, timecode = np.ascontiguousarray(rgb[..., ::-1]), FrameTimecode(number, fps=25.0)
        if bgr.mean() < _BLACK:
            black.append(number)
        found = [cut.frame_num for cut in adaptive.process_frame(timecode, bgr)]
        # The ends of a black stretch look like cuts as well; which of them is one, the other detector says.
        found = [cut for cut in found if not {cut - 1, cut} & set(black)]
        return found + [cut.frame_num for cut in fades.process_frame(timecode, bgr)]

    return _shots(source, cuts, watch)


def shots_from(source: FrameSource, starts: Collection[int], watch: Watch | None = None) -> list[Shot]:
    """The shots with these first frames, in one pass that counts the frames; raises as `find_shots` does."""
    wanted = set(starts)
    return _shots(source, lambda number, _: [number] if number in wanted else [], watch, shortest=1)


def _shots(
    source: FrameSource,
    cuts: Callable[[int, Picture], list[int]],
    watch: Watch | None,
    shortest: int = _SHORTEST_SHOT,
) -> list[Shot]:
    times: dict[int, Fraction] = {}
    recent: dict[int, Fraction] = {}
    count = 0
    for time, rgb in source.small_frames(_SMALL_SIDE):
        recent[count] = time
        recent.pop(count - 2 * _SHORTEST_SHOT, None)
        times |= {cut: recent[cut] for cut in cuts(count, rgb)}
        count += 1
        if watch:
            watch(count, time)
    if count == 0:
        raise UnreadableInput(f"{str(source.info.path)!r} holds no frames; check that it plays.")
    starts = [0]
    for cut in sorted(times):
        # Two detectors may see the same cut a few frames apart.
        if cut - starts[-1] >= shortest:
            starts.append(cut)
    times[0] = Fraction(0)
    stops = [*starts[1:], count]
    stop_times = [*(times[stop] for stop in starts[1:]), source.info.duration]
    return [Shot(start, stop, times[start], end) for start, stop, end in zip(starts, stops, stop_times, strict=True)]
