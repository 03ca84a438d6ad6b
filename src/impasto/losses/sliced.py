"""Style as the whole distribution of features, compared along many directions.

Legend: B pictures, C channels, H height, W width, D directions, N and M positions.
"""

import torch
from torch import Tensor

from impasto.losses.positions import SEED, precise


def wasserstein_1d(first_N: Tensor, second_M: Tensor, power: int = 2) -> Tensor:
    """Exact optimal transport between sorted numbers of equal weight, `W_p^p`, [...].

    The integral over q of the p-th power of the difference of the quantiles (Peyre and Cuturi 2019, remark 2.30).

    Args:
        first_N: [..., N], ascending along the last axis.
        second_M: [..., M], the same; M may differ from N.
    """
    n, m = first_N.shape[-1], second_M.shape[-1]
    if n == m:
        return (first_N - second_M).abs().pow(power).mean(-1)
    # Both quantile functions are steps: constant between the multiples of 1/n and 1/m, here counted in 1/(n m).
    ends = torch.cat([torch.arange(1, n + 1) * m, torch.arange(1, m + 1) * n]).unique().to(first_N.device)
    widths = ends.diff(prepend=ends.new_zeros(1)).to(first_N) / (n * m)
    i, j = (ends - 1) // m, (ends - 1) // n
    return ((first_N[..., i] - second_M[..., j]).abs().pow(power) * widths).sum(-1)


def random_directions(channels: int, count: int, generator: torch.Generator) -> Tensor:
    """Unit vectors spread evenly over the sphere, [C, D], float32."""
    directions = torch.randn(channels, count, generator=generator)
    return directions / directions.norm(dim=0)


def style_directions(channels: int) -> Tensor:
    """As many directions as channels (Heitz 2021), always the same for the same number of channels."""
    # The paper draws them anew in each step; L-BFGS needs a loss that stays the same from step to step.
    return random_directions(channels, channels, torch.Generator().manual_seed(SEED))


def sorted_projections(features_BCHW: Tensor, directions_CD: Tensor) -> Tensor:
    """The features of all positions along each direction, ascending, [B, D, N]."""
    features_BCN = precise(features_BCHW).flatten(2)
    return (directions_CD.T.to(features_BCN) @ features_BCN).sort(-1).values


def sliced_distance(features_BCHW: Tensor, projections_BDM: Tensor, directions_CD: Tensor) -> Tensor:
    """Mean over directions of the squared 2-Wasserstein distance along them, [B] (Heitz 2021).

    Args:
        projections_BDM: `sorted_projections` of the style along the same directions.
    """
    return wasserstein_1d(sorted_projections(features_BCHW, directions_CD), projections_BDM).mean(1)
