"""What an animator is: a way from a first frame, a text and control pictures to a clip.

Legend: T frames, H height, W width. Frames are uint8 RGB.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from impasto.perception.control.pictures import ControlKind
from impasto.video.types import Picture


@dataclass(frozen=True, kw_only=True)
class Motion:
    """A clip that is to be made."""

    first: Picture
    """[H, W, 3], sides multiples of 16."""
    last: Picture | None = None
    """The last frame, for an animator that goes by it as well."""
    text: str
    """What it shows."""
    controls: Mapping[ControlKind, np.ndarray]
    """Control pictures of all frames, [T, H, W, 3]; T is 4n + 1."""
    seed: int


class Animator(Protocol):
    @property
    def lineage(self) -> Mapping[str, Any]:
        """By what a clip is made, as plain data."""
        ...

    def __call__(self, motion: Motion) -> np.ndarray:
        """The clip, [T, H, W, 3]; raises `ImpastoError`."""
        ...


Load = Callable[[tuple[ControlKind, ...]], Animator]
"""From the kinds of control that it will be given; raises `ModelError` where something is missing."""
