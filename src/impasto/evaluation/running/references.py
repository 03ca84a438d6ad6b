"""The pictures and words that outputs were to follow."""

from pathlib import Path

import cv2

from impasto.evaluation.metrics.frames import Frame
from impasto.evaluation.metrics.metric import Reference
from impasto.evaluation.running.comparison import Comparison
from impasto.job.pixels import to_float
from impasto.video.pictures import read_style_picture

SIDE = 1024
"""Longest side of a reference picture: no metric sees more, and many are held at once."""


class References:
    """Reads each picture once, however many comparisons share it."""

    def __init__(self) -> None:
        self._pictures: dict[Path, Frame] = {}

    def of(self, comparison: Comparison) -> Reference:
        """What the output of a comparison was to become; raises `UnreadableInput`."""
        return Reference(
            styles=tuple(self._read(path) for path in comparison.styles),
            prompt=comparison.prompt,
            first_frame=self._read(comparison.first_frame) if comparison.first_frame else None,
        )

    def _read(self, path: Path) -> Frame:
        if path not in self._pictures:
            rgb = read_style_picture(path)
            ratio = SIDE / max(rgb.shape[:2])
            if ratio < 1:
                size = [max(1, round(length * ratio)) for length in rgb.shape[1::-1]]
                rgb = cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)
            self._pictures[path] = to_float(rgb)
        return self._pictures[path]
