"""Style as a cloud of features, each led to the nearest of the other cloud (STROTSS; Kolkin 2019).

Legend: B pictures, C channels, H height, W width, N and M positions.
"""

import torch
from torch import Tensor

from impasto.losses.gaussian import Gaussian

ROWS = 2048
"""Positions that are compared at a time: bounds the memory."""
EPSILON = 1e-3
"""Squared length below which a point counts as short."""


def directions(points_BNC: Tensor) -> Tensor:
    """Points scaled to unit length; those near zero stay shorter, so that their gradient is finite."""
    return points_BNC * (points_BNC.square().sum(-1, keepdim=True) + EPSILON).rsqrt()


def _half_squared(first: Tensor, second: Tensor) -> Tensor:
    # Of unit vectors it is the cosine distance; unlike 1 - cosine it is exactly 0 where short ones agree as well.
    return (first - second).square().sum(-1) / 2


def _take(points_BNC: Tensor, index_BK: Tensor) -> Tensor:
    return points_BNC.gather(1, index_BK[..., None].expand(-1, -1, points_BNC.shape[2]))


@torch.no_grad()
def _nearest(first_BNC: Tensor, second_BMC: Tensor) -> tuple[Tensor, Tensor]:
    """Index [B, N] of the nearest of the second for each of the first, and [B, M] the other way round.

    The gradient of a minimum is that of its least term, so that the search itself needs none.
    """
    half = second_BMC.square().sum(-1)[:, None] / 2
    nearest, found, least = [], [], []
    for rows in first_BNC.split(ROWS, 1):
        cost = half + rows.square().sum(-1, keepdim=True) / 2 - rows @ second_BMC.transpose(1, 2)
        nearest.append(cost.argmin(2))
        least.append(cost.amin(1))
        found.append(cost.argmin(1) + ROWS * len(found))
    part = torch.stack(least).argmin(0, keepdim=True)
    return torch.cat(nearest, 1), torch.stack(found).gather(0, part)[0]


def relaxed_emd(first_BNC: Tensor, second_BMC: Tensor) -> Tensor:
    """`max(mean_i min_j c_ij, mean_j min_i c_ij)`, c the cosine distance, [B] in 0..2 (Kolkin 2019).

    A lower bound of the earth mover's distance, in memory that does not grow with N * M.

    Args:
        first_BNC: `directions` of points; the second likewise, where B may be 1.
    """
    second_BMC = second_BMC.expand(len(first_BNC), -1, -1)
    of_first, of_second = _nearest(first_BNC, second_BMC)
    there = _half_squared(first_BNC, _take(second_BMC, of_first)).mean(1)
    back = _half_squared(_take(first_BNC, of_second), second_BMC).mean(1)
    return torch.maximum(there, back)


def moment_distance(first: Gaussian, second: Gaussian) -> Tensor:
    """Mean absolute difference of the means and of the covariances, [B] (Kolkin 2019)."""
    means = (first.mean - second.mean).abs().mean(1)
    return means + (first.covariance - second.covariance).abs().mean((1, 2))
