"""Views of one canvas: rearrangements of its pixels that can be undone exactly (Geng 2024; StyleMaster, section 3.1).

Legend: B pictures, C channels, H height, W width, N = H W.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from impasto.errors import UnsupportedOption

PIECES = 4
"""Of the jigsaw, across and down."""


@dataclass(frozen=True)
class View:
    """Each pixel of the view is one of the canvas, and each of the canvas is used once.

    So noise stays independent noise, and going there and back changes nothing.
    """

    name: str
    rearranged: Callable[[Tensor], Tensor]
    """Numbers of the pixels [H, W] as the view shows them."""

    def there(self, canvas_BCHW: Tensor) -> Tensor:
        """The canvas as the view shows it, at any resolution; raises `UnsupportedOption` where it cannot be cut."""
        return self._taken(canvas_BCHW, self._places(canvas_BCHW))

    def back(self, view_BCHW: Tensor) -> Tensor:
        """The canvas of which this is the view; raises `UnsupportedOption` as `there` does."""
        return self._taken(view_BCHW, self._places(view_BCHW).argsort())

    def _places(self, rgb_BCHW: Tensor) -> Tensor:
        size = rgb_BCHW.shape[-2:]
        return self.rearranged(torch.arange(size.numel(), device=rgb_BCHW.device).view(size)).flatten()

    @staticmethod
    def _taken(rgb_BCHW: Tensor, places_N: Tensor) -> Tensor:
        return rgb_BCHW.flatten(-2)[..., places_N].view_as(rgb_BCHW)


def _jigsaw(pixels_HW: Tensor) -> Tensor:
    height, width = pixels_HW.shape
    if height % PIECES or width % PIECES:
        raise UnsupportedOption(
            f"A canvas of {width}x{height} cannot be cut into {PIECES}x{PIECES} pieces; use multiples of {PIECES}."
        )
    # The original cuts tongued pieces and turns them; square ones that keep upright need no drawing by hand.
    pieces = pixels_HW.unflatten(0, (PIECES, -1)).unflatten(2, (PIECES, -1)).transpose(1, 2).flatten(0, 1)
    order = torch.randperm(PIECES**2, generator=torch.Generator().manual_seed(0))
    moved = torch.empty_like(pieces)
    moved[order] = pieces[order.roll(1)]  # one cycle: no piece stays where it was
    return moved.unflatten(0, (PIECES, PIECES)).transpose(1, 2).flatten(2, 3).flatten(0, 1)


IDENTITY = View("identity", lambda pixels_HW: pixels_HW)
FLIP = View("flip", lambda pixels_HW: pixels_HW.flip(0))
ROTATION = View("rotation", lambda pixels_HW: pixels_HW.flip(0, 1))
JIGSAW = View("jigsaw", _jigsaw)
VIEWS = {view.name: view for view in (IDENTITY, FLIP, ROTATION, JIGSAW)}
