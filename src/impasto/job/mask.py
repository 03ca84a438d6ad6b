"""Where the painting shows: one picture for all frames, or a video that goes frame by frame with the source.

Legend: H height, W width. Weights are float32 [H, W, 1] in [0, 1].
"""

from collections.abc import Iterator
from itertools import repeat
from pathlib import Path

import cv2
import numpy as np

from impasto.job.instep import check_length
from impasto.job.pixels import to_float
from impasto.stylizers.base import FrameArray
from impasto.video.source import open_source
from impasto.video.types import Frame


class Mask:
    """White shows the painting, black the source, gray a mixture; what is transparent counts as black.

    Another size than that of the frames is scaled to (width, height) `size`. Raises `UnreadableInput`.
    """

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        self._size = size
        self._source = open_source(path)

    def check_length(self, frames: int) -> None:
        """Raise `UnsupportedOption` unless it is a picture or has that many frames."""
        if self._source.info.kind == "picture":
            return
        check_length(self._source, "mask", frames, "give a mask of as many frames, or one picture for all of them")

    def weights(self, start: int = 0, stop: int | None = None) -> Iterator[FrameArray]:
        """The share of the painting in the frames `start` .. `stop` - 1, or in all from `start` on."""
        if self._source.info.kind == "picture":
            (still,) = self._source.frames()
            weight = self._weight(still)
            yield from repeat(weight) if stop is None else repeat(weight, stop - start)
        else:
            yield from map(self._weight, self._source.frames(start, stop))

    def _weight(self, frame: Frame) -> FrameArray:
        light = to_float(np.asarray(cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY), np.uint8))
        if frame.alpha is not None:
            light = light * to_float(frame.alpha)
        shrinks = light.shape[1] > self._size[0]
        scaled = cv2.resize(light, self._size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        return np.asarray(scaled, np.float32)[..., None]


def masked(source: FrameArray, painted: FrameArray, weight: FrameArray) -> FrameArray:
    """The painting where the weight is 1, the source where it is 0."""
    return np.asarray(source + weight * (painted - source), np.float32)
