"""The columns of the flicker table."""

from dataclasses import dataclass
from typing import Literal

Figures = dict[str, float | None]
"""By the key of their column; None: not measured."""


@dataclass(frozen=True)
class Column:
    key: str
    title: str
    better: Literal["lower", "higher", "neither"]
    digits: int
    meaning: str


COLUMNS = (
    Column("gap", "style gap left", "lower", 3, "share of the distance to the style that is left, VGG-like features"),
    Column("gap_other", "second network", "lower", 3, "the same on SqueezeNet's features, which no training uses"),
    Column("content", "content distance", "lower", 3, "of features at relu4_1, after instance normalisation"),
    Column("short", "E_warp short", "lower", 2, "squared change x1000 along the source's flow, from t to t + 1"),
    Column("long", "E_warp long", "lower", 2, "the same from t to t + 5"),
    Column("sliced", "sliced W2 left", "lower", 3, "sliced 2-Wasserstein distance to the style over the frame's own"),
    Column("exact", "exact W1 left", "lower", 3, "exact 1-Wasserstein distance between sampled features, likewise"),
    Column("prepare", "to prepare, s", "lower", 1, "seconds before the first frame of a clip, the model loaded"),
    Column("fps", "frames/s", "higher", 3, "of painting; where frames are optimised, preparing counts too"),
    Column("memory", "memory, MB", "lower", 0, "largest resident set of a process that paints this row alone"),
)
EFFORT = frozenset({"prepare", "fps", "memory"})
"""Columns that say what painting takes; they do not apply where nothing is painted."""
