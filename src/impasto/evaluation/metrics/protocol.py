"""How a number comes to be: numbers of different protocols must not be compared."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class MetricProtocol:
    """What a report prints beside a number, in words."""

    name: str
    better: Literal["lower", "higher", "neither"]
    definition: str
    """The formula, its unit and its source."""
    extractor: str = "the pixels themselves"
    """The network whose features are compared."""
    resize: str = "none"
    """What is done to a frame before it is looked at."""
    frames: str
    """Which frames count, and how their figures become one."""
    trap: str
    """How the number misleads."""


EVERY_PAIR = "every frame with the source's frame of the same number; mean"
EVERY_PICTURE = "every picture that is given, all alike"
