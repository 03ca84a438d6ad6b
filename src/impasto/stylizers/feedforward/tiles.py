"""Frames that are too large for a network at once, painted in tiles.

Legend: H height, W width.

To an engine a tile is a frame of its own. Tiles overlap by twice the reach of the network, and what their own edges may
have changed is not kept: together they are what the network makes of the whole frame, with no seam to blend. That holds
where normalisation is fixed, as it is after `fold`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise, product
from typing import TYPE_CHECKING

import numpy as np

from impasto.stylizers.base import FrameArray

if TYPE_CHECKING:  # what is planned is planned without torch
    from impasto.stylizers.feedforward.margins import Engine

LARGEST = 2_500_000
"""Pixels of a tile, and of a frame that is painted whole."""


@dataclass(frozen=True)
class Part:
    """One tile along one axis."""

    seen: slice
    """Of the frame."""
    kept: slice
    """Of the frame, and"""
    inside: slice
    """the same pixels in the tile."""


@dataclass(frozen=True)
class Cut:
    """One side of a frame, cut for `count` tiles of one length."""

    side: int
    count: int
    reach: int
    """Pixels from which one pixel of the output may be influenced."""
    multiple: int
    """Of which tiles begin, so that the cells of the coarsest features and the margins fall as in the whole frame."""

    @property
    def step(self) -> int:
        """From the start of one tile to the next; below 1 where the side is too short for so many."""
        return (self.side - 2 * self.reach) // (self.count * self.multiple) * self.multiple

    @property
    def length(self) -> int:
        return self.side - (self.count - 1) * self.step

    @property
    def parts(self) -> Iterator[Part]:
        starts = [number * self.step for number in range(self.count)]
        edges = [0, *(start + self.reach for start in starts[1:]), self.side]
        for start, (begin, end) in zip(starts, pairwise(edges), strict=True):
            yield Part(slice(start, start + self.length), slice(begin, end), slice(begin - start, end - start))


@dataclass(frozen=True)
class Tiling:
    rows: Cut
    columns: Cut

    @property
    def count(self) -> int:
        return self.rows.count * self.columns.count

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of a tile."""
        return self.columns.length, self.rows.length

    @property
    def pixels(self) -> int:
        """Of one tile."""
        return self.rows.length * self.columns.length


def tiling(width: int, height: int, reach: int, multiple: int, largest: int = LARGEST) -> Tiling:
    """The tiles of at most `largest` pixels that repeat the least; one, the frame itself, where that is small enough.

    The same for every frame of a size on every machine, since rounding may differ between tilings.
    """
    choices = [
        Tiling(Cut(height, rows, reach, multiple), Cut(width, columns, reach, multiple))
        for rows, columns in product(_counts(height, reach), _counts(width, reach))
    ]
    fitting = [choice for choice in choices if choice.pixels <= largest] or [min(choices, key=lambda c: c.pixels)]
    return min(fitting, key=lambda choice: choice.count * choice.pixels)


def _counts(side: int, reach: int) -> range:
    # Of shorter tiles more than half would be painted twice.
    return range(1, max(1, side // (4 * reach)) + 1)


def in_tiles(painter: "Callable[[int, int], Engine]", tiles: Tiling) -> "Engine":
    """An engine for the whole frame; `painter` makes one for frames of (height, width)."""
    width, height = tiles.size
    paint = painter(height, width)
    if tiles.count == 1:
        return paint

    def run(frame: FrameArray) -> FrameArray:
        painted = np.empty_like(frame)
        for row, column in product(tiles.rows.parts, tiles.columns.parts):
            tile = paint(frame[row.seen, column.seen])
            painted[row.kept, column.kept] = tile[row.inside, column.inside]
        return painted

    return run
