"""`deflicker`: the stabiliser alone, for frames that were painted one by one, by whatever means.

Legend: H height, W width. Frames are float32 RGB [H, W, 3] in [0, 1].

With a guide, the video as it was before, it works as behind `swift`. Without one the frames are their own guide, seen
so softly that strokes vanish, each against the steady frame before it, which flickers less than the painted one did.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from impasto.errors import InputError
from impasto.guidance import Guidance
from impasto.motion.flow import gray
from impasto.motion.stabilize import Stabilizer
from impasto.stylizers.base import FrameArray, ShotFrames, State
from impasto.stylizers.blending import blend, luma
from impasto.video.source import FrameSource, open_source
from impasto.video.types import Frame

_FRAME = "frame"
"""Key of the state: number of the next frame in the shot."""


@dataclass(frozen=True)
class DeflickerConfig:
    softness: float = 2.0
    """Sigma of the blur that hides strokes, in pixels of the size at which the flow is estimated."""
    tolerance: float = 3.0
    """Of the stabiliser, in median differences of a frame from the one before: what differs by more has moved."""
    tolerances: tuple[float, float] = (0.04, 0.2)
    """The least and the most of it, in units of [0, 1]."""
    likeness: float = 0.5
    """Correlation with the frame before, under which it is another scene: flicker hides cuts from those who look for
    them, and leaves the composition of a frame as it is."""
    window: float = 0.08
    """Side of the square in which contrast is kept, in heights of the frame."""
    gain: float = 1.25
    """The most by which one frame raises it."""


class Deflicker:
    """The stylizer; see `impasto.stylizers.base.Stylizer`."""

    def __init__(self, config: DeflickerConfig | None = None) -> None:
        self.config = config or DeflickerConfig()
        self._guidance = Guidance()
        self._guide: FrameSource | None = None
        self._start = 0

    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        """Open the guide, if there is one; raises `UnreadableInput`."""
        if guidance.guide != self._guidance.guide:
            self._guide = None if guidance.guide is None else open_source(guidance.guide)
        self._guidance, self._start = guidance, shot.start
        progress(1.0)

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        """Steady the frames of a segment; `state` carries the last one. Raises `InputError` where the guide ends."""
        if self._guidance.strength == 0:
            yield from frames
            return
        first = int(state.get(_FRAME, 0))
        guide = None if self._guide is None else self._guide.frames(self._start + first)
        stabilizer = Stabilizer()
        stabilizer.carry = dict(state)
        for done, painted in enumerate(frames, first + 1):
            steady = self._alone(stabilizer, painted) if guide is None else stabilizer(self._next(guide), painted)
            steady = self._with_contrast_of(painted, steady)
            stabilizer.carry["steady"] = steady
            state.update(stabilizer.carry)
            state[_FRAME] = np.asarray(done)
            yield np.clip(blend(painted, steady, self._guidance), 0, 1)

    def _next(self, guide: Iterator[Frame]) -> FrameArray:
        frame = next(guide, None)
        if frame is None:
            raise InputError(
                f"The guide {str(self._guidance.guide)!r} ends before the frames do; give one of as many frames."
            )
        return np.divide(frame.rgb, 255, dtype=np.float32)

    def _alone(self, stabilizer: Stabilizer, painted: FrameArray) -> FrameArray:
        """The steadied frame, without a guide."""
        now = self._soft(painted, stabilizer.config.flow_side)
        if stabilizer.carry:
            before = self._soft(stabilizer.carry["steady"], stabilizer.config.flow_side)
            if _likeness(luma(now), luma(before)) < self.config.likeness:
                stabilizer.carry = {}
                return stabilizer(now, painted)
            stabilizer.carry["gray"] = gray((before * 255).astype(np.uint8))
            flicker = float(np.median(np.abs(luma(now) - luma(before))))
            tolerance = float(np.clip(self.config.tolerance * flicker, *self.config.tolerances))
            stabilizer.config = replace(stabilizer.config, tolerance=tolerance)
        return stabilizer(now, painted)

    def _soft(self, frame: FrameArray, side: int) -> FrameArray:
        """The frame without its strokes, its short side no longer than `side`."""
        height, width = frame.shape[:2]
        ratio = min(1.0, side / min(height, width))
        size = max(16, round(width * ratio)), max(16, round(height * ratio))
        small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.GaussianBlur(small, (0, 0), self.config.softness), np.float32)

    def _with_contrast_of(self, painted: FrameArray, steady: FrameArray) -> FrameArray:
        """The steadied frame with as much detail around each pixel as the painted one has.

        The mean of textures that differ varies less than each of them, so that blending alone would blur.
        """
        window = (round(self.config.window * painted.shape[0]) | 1,) * 2
        ratio = _variance(painted, window) / _variance(steady, window)
        gain = np.sqrt(np.clip(ratio, 1, self.config.gain**2))[..., None]
        mean = cv2.blur(steady, window)
        return np.clip(mean + gain * (steady - mean), 0, 1)


def _likeness(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """The correlation of two pictures, which light and contrast do not change; 0 where one of them is blank."""
    first, second = first - first.mean(), second - second.mean()
    return float((first * second).sum() / max(1e-6, np.sqrt(np.square(first).sum() * np.square(second).sum())))


def _variance(frame: FrameArray, window: tuple[int, int]) -> NDArray[np.float32]:
    """Of the luma around each pixel, [H, W], and a little more, so that flat places do not count."""
    y = luma(frame)[..., 0]
    return cv2.blur(y * y, window) - cv2.blur(y, window) ** 2 + 1e-5
