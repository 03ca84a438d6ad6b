"""What parts StyleMaster has, and how they are written into the files of their weights."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from impasto.stylizers.stylemaster.controlpictures import TILE_FACTOR, Preparation
from impasto.stylizers.stylemaster.motionadapter import MotionConfig
from impasto.stylizers.stylemaster.projector import ProjectorConfig
from impasto.stylizers.stylemaster.texture import QFormerConfig
from impasto.stylizers.stylemaster.tokens import TokenConfig

Part = Literal["style", "motion", "control"]
"""What is trained by itself: the paper's stages, but for the projector, which needs no base."""


@dataclass(frozen=True)
class ControlConfig:
    preparation: Preparation = "gray tile"
    factor: int = TILE_FACTOR


@dataclass(frozen=True)
class StyleMasterConfig:
    """None: without that part."""

    tokens: TokenConfig | None = field(default_factory=TokenConfig)
    """Style tokens and the attention to them."""
    motion: MotionConfig | None = field(default_factory=MotionConfig)
    control: ControlConfig | None = field(default_factory=ControlConfig)


def written(config: StyleMasterConfig, parts: Iterable[Part]) -> dict[str, Any]:
    """The configurations of some parts that there are, as JSON takes them; see `read`."""
    all_of = {"style": config.tokens, "motion": config.motion, "control": config.control}
    return {part: asdict(value) for part in parts if (value := all_of[part]) is not None}


def read(config: Mapping[str, Any]) -> StyleMasterConfig:
    """What `written` wrote, of one file or of several together; parts that are not there are None.

    Raises:
        TypeError: it is of another version.
        KeyError: likewise.
    """
    tokens = motion = control = None
    if "style" in config:
        style = dict(config["style"])
        projector, texture = ProjectorConfig(**style.pop("projector")), QFormerConfig(**style.pop("texture"))
        tokens = TokenConfig(**style, projector=projector, texture=texture)
    if "motion" in config:
        motion = MotionConfig(**config["motion"])
    if "control" in config:
        control = ControlConfig(**config["control"])
    return StyleMasterConfig(tokens, motion, control)
