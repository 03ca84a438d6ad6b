"""What a scene shows, as data: the truth that captions are made from."""

from dataclasses import dataclass
from typing import Literal

Motion = Literal["still", "left", "right", "up", "down", "bounce", "turn", "grow", "shrink", "sway", "wave"]
CameraMotion = Literal["still", "pans left", "pans right", "tilts up", "tilts down", "zooms in", "zooms out"]
Size = Literal["small", "", "large"]
Place = Literal["left", "middle", "right"]
Part = Literal["kind", "colour", "motion", "number", "backdrop", "light", "camera"]
"""What a caption may say wrongly."""

CAMERA_MOTIONS: tuple[CameraMotion, ...] = (
    "still", "pans left", "pans right", "tilts up", "tilts down", "zooms in", "zooms out",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A thing, or several alike that do the same."""

    kind: str
    """One of `catalogue.KINDS`."""
    colour: str
    """One of `colours.COLOURS`."""
    size: Size = ""
    """Beside the usual size of its kind."""
    where: Place = "middle"
    """In the picture, in the middle of the clip."""
    motion: Motion = "still"
    count: int = 1


@dataclass(frozen=True, kw_only=True)
class Description:
    subjects: tuple[Subject, ...]
    backdrop: str
    """One of `catalogue.BACKDROPS`."""
    light: str = "day"
    """The hour or the weather, one of `colours.LIGHTS`."""
    camera: CameraMotion = "still"
