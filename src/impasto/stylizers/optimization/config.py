"""How a frame is painted by optimisation; shared by `gatys` and `ruder`."""

from dataclasses import dataclass
from typing import Literal

WORKING_PIXELS = 260_000
"""Of a frame, at most: 680x382 of 16:9. Memory and time grow with them."""

Method = Literal["adam", "l-bfgs"]


@dataclass(frozen=True)
class PaintingConfig:
    """The energy of one frame, and the way down.

    The style term of every layer is divided by what it is for the unpainted shot, the content term by the mean square
    of the shot's content features: one set of weights then serves every style loss. The style term begins at 1 and its
    weight is 1. (Gatys 2016 has content : style = 1e-3 or 1e-4 on sums, Ruder 2016 5 : 100 on means, both on pixels in
    0..255.)
    """

    style_loss: str = "gram"
    """A name of `impasto.losses.style.STYLE_LOSSES`."""
    content_weight: float = 0.1
    variation_weight: float = 0.4
    iterations: int = 100
    """At each level of the pyramid."""
    levels: int = 2
    """Sizes from coarse to fine, each twice the one before; fewer where a frame is too small for them."""
    method: Method = "adam"
