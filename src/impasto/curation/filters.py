"""Which score drops what. Scores are kept with a pair, so that other limits decide anew without making it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Drops what is beyond its limit; a pair that lacks the score passes."""

    key: str
    """Of the score, and of its limit in the configuration."""
    drops: Literal["below", "above"]
    words: str
    """What the score is, with its unit."""

    def refuses(self, scores: Mapping[str, float], limit: float) -> bool:
        score = scores.get(self.key)
        if score is None:
            return False
        return score < limit if self.drops == "below" else score > limit


SOURCE_FILTERS = (
    Filter(key="brightness", drops="below", words="mean luminance of the darkest moment, 0..1"),
    Filter(key="contrast", drops="below", words="least standard deviation of luminance over a frame, 0..1"),
    Filter(key="sharpness", drops="below", words="median over moments of the mean absolute Laplacian, 0..1"),
    Filter(key="motion", drops="below", words="mean speed of the fastest 5 % of pixels, short sides a frame"),
    Filter(key="tracked", drops="below", words="share of pixels whose flow forward and backward agree"),
)
"""Of a clip before anything is painted: what they drop costs nothing more."""
PAIR_FILTERS = (
    Filter(key="csd", drops="below", words="style vectors of stylized clip and style pictures by csd-nano, cosine"),
    Filter(key="structure", drops="below", words="features of raw and stylized frames at the same place, cosine"),
    Filter(key="flicker", drops="above", words="E_warp of the stylized clip along the flow of the raw one, x 1000"),
    Filter(key="agreement", drops="below", words="agreement of the motion of both sides, 0..1"),
    Filter(key="dino", drops="below", words="patch features of raw and stylized frames by DINOv2, cosine"),
    Filter(key="asked", drops="below", words="share of questions that a vision-language model answers with yes"),
    Filter(key="leak", drops="above", words="content vectors of raw clip and style pictures, greatest cosine"),
)
SET_FILTERS = (
    Filter(key="duplicate", drops="below", words="share of bits that differ from the nearest clip before, 0..1"),
)
"""Of what all pairs are together."""
FILTERS = (*SOURCE_FILTERS, *PAIR_FILTERS, *SET_FILTERS)


def refused(scores: Mapping[str, float], limits: Mapping[str, float], filters: tuple[Filter, ...]) -> tuple[str, ...]:
    """The keys of the filters that drop it, in their order."""
    return tuple(each.key for each in filters if each.key in limits and each.refuses(scores, limits[each.key]))
