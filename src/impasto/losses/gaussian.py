"""Style as a Gaussian: the 2-Wasserstein distance between features seen as normal distributions.

Legend: B pictures, C channels, H height, W width.

The distance needs `tr (S1^1/2 S2 S1^1/2)^1/2`. With any R for which R R' = S2, that is the sum of the roots of the
eigenvalues of R' S1 R. A sum over eigenvalues has a gradient without the differences of eigenvalues that spoil the
gradient of a matrix root, and R belongs to the style, so that nothing is ever differentiated through a root. Where
there are fewer positions than channels, as in the deep layers of a small picture, S1 = D' D with the fewer rows of D,
and the smaller D R R' D' has the same eigenvalues.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from impasto.losses.positions import points


class Gaussian(NamedTuple):
    """A normal distribution of features, float64."""

    mean: Tensor
    """[B, C]"""
    covariance: Tensor
    """[B, C, C]"""
    deviations: Tensor | None = None
    """[B, N, C], whose D' D is the covariance: given where that is less to compute with."""

    @property
    def variance(self) -> Tensor:
        """Of all channels together, [B]."""
        return self.covariance.diagonal(dim1=1, dim2=2).sum(1)


def gaussian(features_BCHW: Tensor) -> Gaussian:
    """Mean and covariance over the positions, both divided by their number."""
    points_BNC = points(features_BCHW)
    count, channels = points_BNC.shape[1:]
    mean = points_BNC.mean(1)
    deviations = (points_BNC - mean[:, None]) / count**0.5
    covariance = deviations.transpose(1, 2) @ deviations
    # Double: the root of an eigenvalue halves its digits, and deep layers have eigenvalues of all sizes.
    return Gaussian(mean.double(), covariance.double(), deviations.double() if count < channels else None)


def factor(covariance_BCC: Tensor) -> Tensor:
    """A matrix R with R R' = covariance, also where that is singular."""
    values, vectors = torch.linalg.eigh(covariance_BCC)
    return vectors * values.clamp(min=0).sqrt()[:, None]


def gaussian_distance(first: Gaussian, second: Gaussian, factor_BCC: Tensor) -> Tensor:
    """Squared 2-Wasserstein distance, [B]: `|m1 - m2|^2 + tr(S1 + S2 - 2 (S1^1/2 S2 S1^1/2)^1/2)`.

    Olkin and Pukelsheim 1982; between styles in Mroueh 2020, "Wasserstein Style Transfer". Finite gradients reach the
    first, also where covariances are singular or eigenvalues repeat.

    Args:
        factor_BCC: `factor` of the second's covariance.
    """
    if first.deviations is None:
        common_matrix = factor_BCC.transpose(1, 2) @ first.covariance @ factor_BCC
    else:
        moved = first.deviations @ factor_BCC
        common_matrix = moved @ moved.transpose(1, 2)
    values = torch.linalg.eigvalsh(common_matrix)
    # What is zero but for rounding adds nothing; its root would have an endless slope.
    kept = values > values.shape[1] * torch.finfo(values.dtype).eps * values[:, -1:].clamp(min=1e-200)
    common = (torch.where(kept, values, 1).sqrt() * kept).sum(1)
    squared = (first.mean - second.mean).square().sum(1) + first.variance + second.variance - 2 * common
    return squared.clamp(min=0)
