"""Where pictures, their patches and texts are compared: what style is read in.

Legend: B pictures or texts, C channels, H height, W width, E numbers of a vector.
"""

from collections.abc import Sequence
from typing import Protocol

from torch import Tensor

from impasto.perception.clipnano import PictureVectors


class JointSpace(Protocol):
    """A CLIP: `impasto.perception.clipnano.ClipNano` is one."""

    def picture(self, rgb_BCHW: Tensor) -> PictureVectors:
        """Of pictures in [0, 1] of any size, as wholes and by patches."""
        ...

    def text(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors [B, E]."""
        ...
