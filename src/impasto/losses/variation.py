"""Smoothness of the picture.

Legend: B pictures, C channels, H height, W width.
"""

from torch import Tensor


def total_variation(rgb_BCHW: Tensor) -> Tensor:
    """Mean absolute difference of vertical and of horizontal neighbours, added, [B] (Rudin 1992, anisotropic).

    Pictures need two pixels a side at least.
    """
    vertical, horizontal = (rgb_BCHW.diff(dim=axis).abs().mean((1, 2, 3)) for axis in (2, 3))
    return vertical + horizontal
