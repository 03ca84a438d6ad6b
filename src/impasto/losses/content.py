"""Content as the features themselves.

Legend: B pictures, C channels, H height, W width.
"""

from torch import Tensor


def content_loss(features_BCHW: Tensor, target_BCHW: Tensor) -> Tensor:
    """Half the mean squared difference of the features, [B] (Gatys 2016, eq. 1)."""
    # The paper sums over channels and positions; the mean keeps the weight of the loss the same at every size.
    return (features_BCHW - target_BCHW).square().mean((1, 2, 3)) / 2
