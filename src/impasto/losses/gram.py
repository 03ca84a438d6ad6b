"""Style as the correlations of channels.

Legend: B pictures, C channels, H height, W width.
"""

from torch import Tensor

from impasto.losses.positions import points


def gram(features_BCHW: Tensor) -> Tensor:
    """Mean over positions of the products of channels, [B, C, C] (Gatys 2016, eq. 3, divided by H * W)."""
    points_BNC = points(features_BCHW)
    return points_BNC.transpose(1, 2) @ points_BNC / points_BNC.shape[1]


def gram_distance(features_BCHW: Tensor, gram_BCC: Tensor) -> Tensor:
    """A quarter of the mean squared difference of the Gram matrices, [B] (Gatys 2016, eq. 4)."""
    # The paper divides both matrices by the positions of one picture; each by its own makes sizes comparable.
    return (gram(features_BCHW) - gram_BCC).square().mean((1, 2)) / 4
