"""Several pictures on one sheet, each under its label."""

from dataclasses import dataclass
from fractions import Fraction
from math import ceil, sqrt

import cv2
import numpy as np

from impasto.job.labels import BACKGROUND, draw_label, label_height
from impasto.video.types import Picture, VideoInfo

LARGEST_SHEET = 3840, 2160


@dataclass(frozen=True)
class Mosaic:
    """A grid of cells of one size, filled row by row."""

    columns: int
    rows: int
    cell_width: int
    cell_height: int

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the sheet."""
        return self.columns * self.cell_width, self.rows * (self.cell_height + label_height(self.cell_height))

    def strips(self, labels: list[str]) -> list[Picture]:
        """The labels as pictures: drawn once, used in every frame."""
        return [draw_label(label, self.cell_width, label_height(self.cell_height)) for label in labels]

    def sheet(self, pictures: list[Picture], strips: list[Picture]) -> Picture:
        """Lay out pictures of any size under their labels."""
        width, height = self.size
        sheet = np.full((height, width, 3), BACKGROUND, np.uint8)
        strip_height = label_height(self.cell_height)
        for place, (picture, strip) in enumerate(zip(pictures, strips, strict=True)):
            row, column = divmod(place, self.columns)
            top, left = row * (self.cell_height + strip_height), column * self.cell_width
            sheet[top : top + strip_height, left : left + self.cell_width] = strip
            fitted = _fit(picture, self.cell_width, self.cell_height)
            top += strip_height + (self.cell_height - fitted.shape[0]) // 2
            left += (self.cell_width - fitted.shape[1]) // 2
            sheet[top : top + fitted.shape[0], left : left + fitted.shape[1]] = fitted
        return sheet


def mosaic_for(info: VideoInfo, cells: int, columns: int | None = None) -> Mosaic:
    """A grid whose cells have the shape of `info`, at its size or smaller so that the sheet stays within 4K."""
    columns = columns or (cells if cells <= 3 else ceil(sqrt(cells)))
    rows = ceil(cells / columns)
    width, height = shown_size(info.width, info.height, info.sample_aspect)
    scale = min(1.0, LARGEST_SHEET[0] / (columns * width), LARGEST_SHEET[1] / (rows * (height + label_height(height))))
    return Mosaic(columns, rows, max(2, int(width * scale) // 2 * 2), max(2, int(height * scale) // 2 * 2))


def shown_size(width: int, height: int, sample_aspect: Fraction) -> tuple[int, int]:
    """Size in square pixels."""
    return max(1, round(width * sample_aspect)), height


def square_pixels(picture: Picture, sample_aspect: Fraction) -> Picture:
    """The picture as it is shown, where its pixels are not square."""
    if sample_aspect == 1:
        return picture
    size = shown_size(picture.shape[1], picture.shape[0], sample_aspect)
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _fit(picture: Picture, width: int, height: int) -> Picture:
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    if size == (picture.shape[1], picture.shape[0]):
        return picture
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(picture, size, interpolation=way).astype(np.uint8, copy=False)
