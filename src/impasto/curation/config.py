"""All that decides what is made; the same settings give the same pairs on every machine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from impasto.perception.control.pictures import ControlKind
from impasto.stylizers.base import Preset

CurationPreset = Literal["ct", "sft"]
SIZES = {"nano": 256 * 144, "480p": 832 * 480}
"""Pixels of a frame, about, by name."""


@dataclass(frozen=True, kw_only=True)
class CurationConfig:
    pixels: int = SIZES["nano"]
    frames: int = 17
    """Of each clip, 4n + 1 as the models of latents want."""
    fps: int = 8
    windows: int = 4
    """Clips that are taken of one shot, at most, spread over it."""
    pairs: int = 1
    """Made of each clip, each by the next route and in another style."""
    routes: tuple[str, ...] = ("redrawn", "swift")
    """Names of `impasto.curation.routes`; clips take turns."""
    styles: tuple[str, ...] = ()
    """Pictures, and names of styles, for the routes that paint after one; none: all named styles."""
    pictures: tuple[int, int] = (2, 4)
    """Style pictures of a pair, at least and at most."""
    painting: Preset = "draft"
    """How much time a stylizer takes."""
    painter: str = "swift"
    """What paints first frames that are then set moving: a model, `instantstyle`, or an editor as below."""
    editor: str = ""
    """What turns paintings into photos: a name of `impasto.curation.editors`, or http://HOST/v1#MODEL."""
    animator: str = "nano"
    """Name of `impasto.curation.animators`: what sets first frames moving."""
    controls: tuple[ControlKind, ...] = ("depth",)
    """By which they are led."""
    vlm: str = ""
    """What looks at clips and says what it sees: qwen, or http://HOST/v1#MODEL; none: nobody looks."""
    structure: Literal["nano", "dino"] = "nano"
    """Whether DINOv2 measures structure as well."""
    limits: Mapping[str, float] = field(default_factory=dict)
    """By the name of a filter: where it drops."""
    reviewed: bool = False
    """Whether only what a person has kept is kept."""
    seed: int = 0


CT_LIMITS = {
    "brightness": 0.04,
    "contrast": 0.03,
    "sharpness": 0.004,
    "tracked": 0.5,
    "csd": 0.49,
    "structure": 0.15,
    "flicker": 8.0,
    "agreement": 0.3,
    "leak": 0.8,
    "dino": 0.3,
    "asked": 1.0,
    "duplicate": 0.06,
}
"""For continued training: many pairs, filtered by numbers alone.

DreamStyle (2026, section 4) has CSD > 0.5, by another network. Ours of `csd` lets 5 % of clips pass beside the style
pictures of another pair, of 660 pairs of rendered and real clips; `report.md` says where that is."""
SFT_LIMITS = CT_LIMITS | {"motion": 0.004, "csd": 0.65, "structure": 0.25, "flicker": 4.0, "agreement": 0.5}
"""For fine-tuning: fewer and better ones, each seen by a person."""
PRESETS: dict[CurationPreset, CurationConfig] = {
    "ct": CurationConfig(limits=CT_LIMITS),
    "sft": CurationConfig(limits=SFT_LIMITS, painting="standard", reviewed=True),
}
