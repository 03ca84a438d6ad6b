"""The rows of the ablation, as data: what differs from the method."""

from dataclasses import dataclass
from typing import Literal

from impasto.perception.control.pictures import ControlKind
from impasto.stylizers.dreamstyle.config import Adaptation
from impasto.stylizers.dreamstyle.slots import Slots

NAME = "dreamstyle-ablation"
StageName = Literal["CT", "SFT"]
Painter = Literal["swift", "gatys"]
"""Of first frames."""


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    title: str
    claimed: bool = False
    """The paper says something of it: it is measured with every seed, all others with the first."""
    adaptation: Adaptation = "token-specific"
    rank: int | None = None
    """None: the protocol's."""
    slots: Slots = "contiguous"
    pictures: bool = True
    stages: tuple[StageName, ...] = ("CT", "SFT")
    routes: tuple[str, ...] = ()
    """Ends of the names of the routes of the pairs that are learned from; none: all."""
    first: Painter = "swift"
    control: tuple[ControlKind, ...] = ()
    """What leads the painting beside the video, by the ControlNets as they are trained: a row learns nothing of it."""


ROWS = (
    Row(name="method", title="token-specific LoRA, CT then SFT", claimed=True),
    Row(name="plain", title="one LoRA for all tokens", claimed=True, adaptation="plain"),
    Row(name="ct-only", title="CT only", claimed=True, stages=("CT",)),
    Row(name="sft-only", title="SFT only", claimed=True, stages=("SFT",)),
    Row(name="no-pictures", title="style picture not through the picture branch", claimed=True, pictures=False),
    Row(name="separate", title="a down matrix for each kind of tokens", adaptation="separate"),
    Row(name="full", title="all weights of the base, no LoRA", adaptation="full"),
    Row(name="slots-offset", title="extra frames at UNIC's places", slots="offset"),
    Row(name="slots-zero", title="extra frames at place 0 and timestep 0", slots="zero"),
    Row(name="rank-4", title="rank 4", rank=4),
    Row(name="rank-8", title="rank 8", rank=8),
    Row(name="route-drawn", title="pairs drawn by code alone", routes=("drawn",)),
    Row(name="route-swift", title="pairs painted by swift alone", routes=("swift",)),
    Row(name="first-gatys", title="first frames painted by gatys", first="gatys"),
    Row(name="control-depth", title="led by depth as well", control=("depth",)),
    Row(name="control-pose", title="led by pose as well", control=("pose",)),
    Row(name="control-both", title="led by both as well", control=("depth", "pose")),
)
