"""Cross-dissolves: frames that are a mix of what was before and of what comes.

PySceneDetect finds none without a network whose weights are not a part of it. Here the frame in the middle of a window
is held against the mean of both ends (linear mix), and its detail against theirs: where pictures that have nothing in
common are mixed half and half, half of the variance of the detail is lost, whatever moves in them (Alattar 1993;
Lienhart 2001, "Reliable dissolve detection").
"""

from collections import deque
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import cv2
import numpy as np

from impasto.video.types import Picture

_SIZE = 48, 27
_REACHES = 4, 8, 16, 32
"""Frames from the middle of a window to its ends; most dissolves of up to 64 frames fit one."""
LONGEST = 2 * _REACHES[-1]
"""Frames of the largest window."""
_MISFIT = 0.75
"""Largest distance of the middle from the mean of the ends, as a share of that of the ends from it: an abrupt cut has
1, motion that changes the whole picture 1 and more."""
_ALIKE = 0.5
"""Correlation of ends that show the same."""
_DETAIL_LEFT = 0.75
"""Largest share of the mean variance of the detail of both ends."""
_FLATTER = 2.0
"""The middle has at most so many times the detail of the flatter end; more is motion towards something flat."""
_FLAT = 1.0
"""Variance of the detail, of 255 squared, of an end that shows something."""


@dataclass(frozen=True, order=True)
class Dissolve:
    misfit: float
    """Of the middle frame, from the mean of the ends."""
    middle: int
    reach: int
    """Frames from the middle to the ends that were compared."""


class DissolveDetector:
    """Takes the frames of a video one after the other; the memory that it needs is that of its largest window."""

    def __init__(self) -> None:
        self._seen: deque[_Thumbnail] = deque(maxlen=LONGEST + 1)

    def process_frame(self, number: int, rgb: Picture) -> list[Dissolve]:
        """The windows that end with frame `number` and look like a dissolve; those of one dissolve are many."""
        self._seen.append(_Thumbnail(rgb))
        found = []
        for reach in _REACHES:
            if len(self._seen) > 2 * reach:
                misfit = _misfit(*(self._seen[-1 - back] for back in (2 * reach, reach, 0)))
                if misfit < _MISFIT:
                    found.append(Dissolve(misfit, number - reach, reach))
        return found


class _Thumbnail:
    def __init__(self, rgb: Picture) -> None:
        small = cv2.resize(rgb, _SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
        self.pixels = small.ravel()
        self.contrast = self.pixels - self.pixels.mean()
        self.detail = float(np.square(small - cv2.blur(small, (5, 5))).mean())


def _misfit(first: _Thumbnail, middle: _Thumbnail, last: _Thumbnail) -> float:
    """Of the linear mix; infinite where the other tests speak against a dissolve."""
    flatter, mean = min(first.detail, last.detail), (first.detail + last.detail) / 2
    if flatter < _FLAT or middle.detail > min(_DETAIL_LEFT * mean, _FLATTER * flatter):
        return np.inf
    scale = float(np.linalg.norm(first.contrast) * np.linalg.norm(last.contrast))
    if float(first.contrast @ last.contrast) > _ALIKE * scale:
        return np.inf
    away = middle.pixels - (first.pixels + last.pixels) / 2
    return float(np.linalg.norm(away) / np.linalg.norm((last.pixels - first.pixels) / 2))


def middles(found: Iterable[Dissolve], cuts: Collection[int]) -> list[int]:
    """The middle frame of each dissolve, where its windows fit best; `cuts` inside a window explain what it saw."""
    best: list[Dissolve] = []
    for each in sorted(found):
        cut = any(abs(cut - each.middle) <= each.reach for cut in cuts)
        known = any(abs(each.middle - one.middle) <= 2 * max(each.reach, one.reach) for one in best)
        if not cut and not known:
            best.append(each)
    return sorted(each.middle for each in best)
