"""KID: how far the features of one set of pictures are from those of another, without a normal distribution.

Legend: D numbers of a feature vector, N and M pictures.
"""

from dataclasses import dataclass, replace

import numpy as np
from torch import Tensor

from impasto.errors import InputError
from impasto.evaluation.metrics.frechet import FID_NANO, check_features
from impasto.evaluation.metrics.nano import FAVOURS

SUBSETS, SUBSET_SIZE = 100, 1000

KID_NANO = replace(
    FID_NANO,
    name="KID-nano",
    definition=f"unbiased squared MMD with the kernel (x.y / D + 1)^3; mean and deviation over {SUBSETS} random "
    f"subsets of {SUBSET_SIZE}, or of as many as the smaller set has (Binkowski 2018)",
    trap="may fall below zero for like sets; the deviation is that of the subsets, 0 where a subset is the whole set; "
    f"{FAVOURS}",
)


@dataclass(frozen=True)
class KernelDistance:
    mean: float
    deviation: float
    """Of the subsets."""


def mmd(first_ND: Tensor, second_MD: Tensor) -> float:
    """Unbiased squared maximum mean discrepancy with the cubic kernel (Gretton 2012, eq. 3; Binkowski 2018)."""
    x, y = first_ND.double(), second_MD.double()
    n, m = len(x), len(y)
    within_x, within_y = _kernel(x, x), _kernel(y, y)
    within = (within_x.sum() - within_x.trace()) / (n * (n - 1)) + (within_y.sum() - within_y.trace()) / (m * (m - 1))
    return (within - 2 * _kernel(x, y).mean()).item()


def kid(
    first_ND: Tensor, second_MD: Tensor, subsets: int = SUBSETS, size: int = SUBSET_SIZE, seed: int = 0
) -> KernelDistance:
    """Kernel inception distance: mean and deviation of `mmd` over random subsets.

    Args:
        size: pictures in a subset; no more than the smaller set has.

    Raises:
        InputError: fewer than two pictures in a set, values that are not finite, or features of different networks.
    """
    check_features(first_ND)
    check_features(second_MD)
    (n, dimensions), (m, other) = first_ND.shape, second_MD.shape
    if dimensions != other:
        raise InputError(f"Features of {dimensions} and of {other} numbers; take both from one network.")
    if min(n, m) < 2:
        raise InputError(f"The sets have {n} and {m} pictures; give at least 2 of each.")
    size = min(size, n, m)
    if n == m == size:
        subsets = 1  # they would all be the same
    rng = np.random.default_rng(seed)
    distances = [
        mmd(first_ND[rng.choice(n, size, replace=False)], second_MD[rng.choice(m, size, replace=False)])
        for _ in range(subsets)
    ]
    return KernelDistance(float(np.mean(distances)), float(np.std(distances)))


def _kernel(x_ND: Tensor, y_MD: Tensor) -> Tensor:
    return (x_ND @ y_MD.T / x_ND.shape[1] + 1) ** 3
