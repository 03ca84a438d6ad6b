"""What is measured of each row, and which published column it stands in for."""

from impasto.evaluation.tables.columns import Column

METRICS = {
    "match": "match-nano",
    "csd": "csd-nano",
    "leakage": "leakage-nano",
    "text": "clip-text-nano",
    "dynamic": "dynamic-degree-nano",
    "smooth": "smoothness-nano",
    "structure": "structure-nano",
}
"""Keys of the metrics, by the key of the column."""
COLUMNS = (
    Column(
        "match", "UMT-nano", "higher", 3, "match-nano: the logit of 'match' of clip and prompt, in place of UMTScore"
    ),
    Column("csd", "CSD-nano", "higher", 3, "csd-nano: cosine of the style vectors of clip and style picture"),
    Column("leakage", "leakage-nano", "lower", 3, "cosine of the content vectors of clip and style picture"),
    Column("text", "CLIP-text-nano", "higher", 3, "clip-text-nano: cosine of the vectors of frames and prompt"),
    Column("dynamic", "Dyn-nano", "neither", 2, "dynamic-degree-nano: share of the clips that move"),
    Column("motion", "motion, px", "neither", 2, "length of the fastest twentieth of the flow, from frame to frame"),
    Column(
        "smooth", "MS-nano", "higher", 3, "smoothness-nano: how well every second frame is told from its neighbours"
    ),
    Column("structure", "structure-nano", "higher", 3, "cosine of features of source and output at the same places"),
    Column("lightness", "lightness", "neither", 3, "mean luma of the output less that of the source, of 1"),
    Column(
        "spread",
        "spread",
        "lower",
        4,
        "variance of the cosines of style vectors of paintings by one artist, held back "
        "from the projectors (`clip-nano` has seen them)",
    ),
    Column("retrieval", "retrieval", "higher", 3, "share of those paintings whose nearest other is by their artist"),
)
UNTRUSTED = frozenset({"match", "text"})
"""Columns of metrics that take another clip's text for as good on half of the clips of the sanity table: they are
printed, and decide no claim."""
PUBLISHED = ("UMT", "CSD", "Dyn", "MS", "VisQ")
"""Titles of the paper's columns."""
