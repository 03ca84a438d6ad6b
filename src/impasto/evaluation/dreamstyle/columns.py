"""What is measured of each row: metrics of ours, for each way to be guided."""

from typing import Literal

from impasto.evaluation.tables.columns import Column

Mode = Literal["style", "first", "text"]
METRICS: dict[Mode, dict[str, str]] = {
    "style": {
        "csd": "csd-nano",
        "structure": "structure-nano",
        "leakage": "leakage-nano",
        "smooth": "smoothness-nano",
    },
    "first": {"first_csd": "csd-nano", "first_structure": "structure-nano"},
    "text": {"text": "clip-text-nano", "text_structure": "structure-nano"},
}
"""Keys of the metrics, by the key of the column."""
COLUMNS = (
    Column("csd", "CSD-nano", "higher", 3, "by a style picture: cosine of the style vectors of clip and picture"),
    Column("structure", "structure-nano", "higher", 3, "the same clips: cosine of features of source and output"),
    Column("leakage", "leakage-nano", "lower", 3, "the same clips: cosine of content vectors of clip and picture"),
    Column("smooth", "MS-nano", "higher", 3, "the same clips: how well a frame is told from its neighbours"),
    Column("first_csd", "first, CSD-nano", "higher", 3, "by a painted first frame: the same to that frame"),
    Column("first_structure", "first, structure", "higher", 3, "the same clips: as above"),
    Column("text", "text, CLIP-nano", "higher", 3, "by a text: cosine of the vectors of frames and of its style words"),
    Column("text_structure", "text, structure", "higher", 3, "the same clips: as above"),
)
PUBLISHED = ("CSD", "DINO")
"""Titles of the paper's columns."""
