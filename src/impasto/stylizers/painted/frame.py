"""A frame that a person painted, laid on the source frame that it repaints.

Legend: H height, W width.
"""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor

from impasto.errors import UnsupportedOption
from impasto.perception.encoder import embedded_encoder
from impasto.perception.statistics import content_distance
from impasto.stylizers.painted.placing import Place, find_place
from impasto.video.pictures import read_style_picture
from impasto.video.types import Picture

SAME_ASPECT = 0.01
"""Share by which the aspects of two pictures of one framing may differ."""
USUAL = 0.72
"""Mismatch up to which a painting is of its frame. Of 192 photos that `gatys` painted none had more than 0.63 with its
photo, and none less than 0.81 with another (docs/experiments.md)."""
BETTER = 0.1
"""By how much smaller it must be at a place than of the whole frame, to be believed of a painting of that aspect."""
SIDE = 144
"""Short side, in pixels, at which the two are compared."""


@dataclass(frozen=True)
class PaintedFrame:
    picture: Picture
    """uint8 RGB [H, W, 3], of the source's size."""
    known: Picture
    """uint8 [H, W]: 255 where the painting covers the source, 0 elsewhere."""
    mismatch: float
    """How differently the two are built where the painting lies: `content_distance` at relu4_1, 0 for the same."""
    note: str = ""
    """A sentence on where it was laid; empty where it is of the whole frame."""


def read_painted_frame(path: Path, source: Picture) -> PaintedFrame:
    """The painting of a source frame, at its size: as it is, or where a part of one shows a part of the other.

    Raises:
        UnreadableInput: it is no picture.
        UnsupportedOption: its aspect is another, and no place was found for it.
    """
    picture = read_style_picture(path)
    (height, width), (rows, columns) = source.shape[:2], picture.shape[:2]
    placed = _laid(path, picture, source, find_place(picture, source))
    if abs(columns / rows * height / width - 1) <= SAME_ASPECT:
        whole = _resized(picture, (width, height))
        plain = PaintedFrame(whole, np.full((height, width), 255, np.uint8), _mismatch(whole, source))
        return placed if placed.mismatch < min(USUAL, plain.mismatch - BETTER) else plain
    if placed.mismatch > USUAL:
        raise UnsupportedOption(
            f"The painted frame {str(path)!r} is {columns}x{rows} and the source {width}x{height}, and no part of one "
            f"looks like the other (mismatch {placed.mismatch:.2f}, at most {USUAL:g}); crop or scale it to "
            f"{width}x{height}."
        )
    return placed


@torch.no_grad()
def _mismatch(painted: Picture, source: Picture) -> float:
    encoder = embedded_encoder()
    return content_distance(*(encoder(_seen(rgb))[3] for rgb in (painted, source))).item()


def _seen(rgb: Picture) -> Tensor:
    ratio = SIDE / min(rgb.shape[:2])
    small = _resized(rgb, (max(SIDE, round(rgb.shape[1] * ratio)), max(SIDE, round(rgb.shape[0] * ratio))))
    return torch.from_numpy(small).permute(2, 0, 1)[None].float() / 255


def _resized(picture: Picture, size: tuple[int, int]) -> Picture:
    shrinks = picture.shape[1] > size[0]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC), np.uint8)


def _laid(path: Path, picture: Picture, source: Picture, place: Place) -> PaintedFrame:
    """The picture at its place; the source itself shows where it is not."""
    (height, width), (rows, columns) = source.shape[:2], picture.shape[:2]
    scaled = _resized(picture, (round(columns * place.scale), round(rows * place.scale)))
    left, top = round(place.left), round(place.top)
    right, bottom = min(width, left + scaled.shape[1]), min(height, top + scaled.shape[0])
    within = np.s_[max(0, top) : bottom, max(0, left) : right]
    painted = scaled[max(0, -top) : bottom - top, max(0, -left) : right - left]
    laid, known = source.copy(), np.zeros((height, width), np.uint8)
    laid[within], known[within] = painted, 255
    note = (
        f"The painted frame {str(path)!r} lies at {place.scale:.2f} times its size, {left:+d}{top:+d} pixels from the "
        f"upper left corner of the source, and covers {known.mean() / 255:.0%} of it."
    )
    return PaintedFrame(laid, known, _mismatch(painted, source[within]), note)
