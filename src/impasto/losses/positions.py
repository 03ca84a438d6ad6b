"""Feature maps as clouds of points, one for each position.

Legend: B pictures, C channels, H height, W width, N positions (H * W), K positions that are kept.
"""

import torch
from torch import Tensor

SEED = 0


def precise(features: Tensor) -> Tensor:
    """Features in float32 at least: sums over many positions need it."""
    return features.to(torch.promote_types(features.dtype, torch.float32))


def points(features_BCHW: Tensor) -> Tensor:
    """The features at each position, [B, N, C]."""
    return precise(features_BCHW).flatten(2).transpose(1, 2)


def sample(points_BNC: Tensor, count: int) -> Tensor:
    """`count` random positions [B, K, C], all of them where there are no more; always the same for the same N."""
    size = points_BNC.shape[1]
    if size <= count:
        return points_BNC
    chosen = torch.randperm(size, generator=torch.Generator().manual_seed(SEED))[:count]
    return points_BNC[:, chosen.to(points_BNC.device)]
