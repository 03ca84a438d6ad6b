"""Where one shot ends and the next begins."""

from collections import deque
from collections.abc import Callable, Collection, Iterable
from fractions import Fraction

import numpy as np
from scenedetect.common import FrameTimecode
from scenedetect.detectors import AdaptiveDetector, ThresholdDetector

from impasto.errors import UnreadableInput
from impasto.video.dissolves import LONGEST, Dissolve, DissolveDetector, middles
from impasto.video.types import FrameSource, Picture, Shot

_SMALL_SIDE = 256
_SHORTEST_SHOT = 8
"""Frames; shorter flashes belong to the shot around them."""
_BLANK = 4
"""Mean distance of a frame from black or white, of 255, below which a shot has faded out; the usual 12 would cut night
scenes to pieces."""

Watch = Callable[[int, Fraction], None]
"""Takes the number of frames read so far and the time of the last."""


def find_shots(source: FrameSource, watch: Watch | None = None) -> list[Shot]:
    """Cut a source into shots in one cheap pass, which also counts its frames.

    A shot begins at a cut, where a fade leaves black or white, and in the middle of a dissolve. Raises
    `UnreadableInput` as `FrameSource.frames` does.
    """
    adaptive = AdaptiveDetector(min_scene_len=_SHORTEST_SHOT)
    # A fade belongs to the shot before until the first frame that is not blank.
    fades = [
        ThresholdDetector(_BLANK, _SHORTEST_SHOT, fade_bias=1.0),
        ThresholdDetector(255 - _BLANK, _SHORTEST_SHOT, fade_bias=1.0, method=ThresholdDetector.Method.CEILING),
    ]
    mixing = DissolveDetector()
    blank: deque[int] = deque(maxlen=_SHORTEST_SHOT)
    cuts: list[int] = []
    dissolves: list[Dissolve] = []

    def look(number: int, rgb: Picture) -> list[int]:
        bgr, timecode = np.ascontiguousarray(rgb[..., ::-1]), FrameTimecode(number, fps=25.0)
        if not _BLANK <= bgr.mean() < 255 - _BLANK:
            blank.append(number)
        found = [cut.frame_num for cut in adaptive.process_frame(timecode, bgr)]
        # The ends of a blank stretch look like cuts as well; which of them is one, the other detectors say.
        found = [cut for cut in found if not {cut - 1, cut} & set(blank)]
        found += [cut.frame_num for fade in fades for cut in fade.process_frame(timecode, bgr)]
        seen = mixing.process_frame(number, rgb)
        cuts.extend(found)
        dissolves.extend(seen)
        return found + [dissolve.middle for dissolve in seen]

    times, count = _read(source, look, watch)
    return _shots(source, [*cuts, *middles(dissolves, cuts)], times, count, _SHORTEST_SHOT)


def shots_from(source: FrameSource, starts: Collection[int], watch: Watch | None = None) -> list[Shot]:
    """The shots with these first frames, in one pass that counts the frames; raises as `find_shots` does."""
    wanted = set(starts)
    times, count = _read(source, lambda number, _: [number] if number in wanted else [], watch)
    return _shots(source, times, times, count, shortest=1)


def _read(
    source: FrameSource, look: Callable[[int, Picture], list[int]], watch: Watch | None
) -> tuple[dict[int, Fraction], int]:
    """The times of those frames whose numbers `look` gives, soon after it has seen them, and how many frames there are.

    The times of all frames of a long video would not be little.
    """
    times: dict[int, Fraction] = {}
    recent: dict[int, Fraction] = {}
    count = 0
    for time, rgb in source.small_frames(_SMALL_SIDE):
        recent[count] = time
        recent.pop(count - LONGEST, None)
        times |= {number: recent[number] for number in look(count, rgb)}
        count += 1
        if watch:
            watch(count, time)
    if count == 0:
        raise UnreadableInput(f"{str(source.info.path)!r} holds no frames; check that it plays.")
    return times, count


def _shots(
    source: FrameSource, cuts: Iterable[int], times: dict[int, Fraction], count: int, shortest: int
) -> list[Shot]:
    starts = [0]
    for cut in sorted(cuts):
        # Two detectors may see the same cut a few frames apart.
        if cut - starts[-1] >= shortest:
            starts.append(cut)
    times = times | {0: Fraction(0)}
    stops = [*starts[1:], count]
    stop_times = [*(times[stop] for stop in starts[1:]), source.info.duration]
    return [Shot(start, stop, times[start], end) for start, stop, end in zip(starts, stops, stop_times, strict=True)]
