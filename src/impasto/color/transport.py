"""Closed-form colour transport between two Gaussians of RGB (Monge-Kantorovich; Pitie and Kokaram 2007).

Legend: N pixels. Colours are RGB in [0, 1]. One affine map for a whole shot, so it cannot flicker.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

FLOOR = 2e-4
"""Added to each variance: a flat picture must not have its noise blown up to fill a rich palette."""

LARGEST_GAIN = 3.0
"""By which a difference of colours may grow: more makes a gray street garish and shows the noise of a field of snow. It
costs a style gap of 0.004 (docs/experiments.md)."""


@dataclass(frozen=True)
class ColorStatistics:
    mean: Tensor
    """[3]"""
    covariance: Tensor
    """[3, 3]"""


def color_statistics(pixels_N3: Tensor) -> ColorStatistics:
    pixels = pixels_N3.double()
    mean = pixels.mean(0)
    centred = pixels - mean
    return ColorStatistics(mean.float(), (centred.T @ centred / len(pixels)).float())


def power(matrix: Tensor, exponent: float) -> Tensor:
    """A power of a symmetric matrix without negative eigenvalues; those of 0 count as a little more."""
    values, vectors = torch.linalg.eigh(matrix)
    return (vectors * values.clamp(min=1e-12) ** exponent) @ vectors.T


def transport(source: ColorStatistics, target: ColorStatistics) -> tuple[Tensor, Tensor]:
    """The map `rgb -> matrix @ rgb + offset` that takes the mean and covariance of the source to the target's.

    ([3, 3], [3]): the linear map of least squared displacement: `S^-1/2 (S^1/2 T S^1/2)^1/2 S^-1/2`. Departure: no
    difference grows by more than `LARGEST_GAIN`, so that a source of little colour does not get all of the target's.
    """
    eye = FLOOR * torch.eye(3, dtype=torch.float64)
    s, t = source.covariance.double() + eye, target.covariance.double() + eye
    root, inverse = power(s, 0.5), power(s, -0.5)
    gains, directions = torch.linalg.eigh(inverse @ power(root @ t @ root, 0.5) @ inverse)
    matrix = (directions * gains.clamp(max=LARGEST_GAIN)) @ directions.T
    offset = target.mean.double() - matrix @ source.mean.double()
    return matrix.float(), offset.float()


def apply(rgb_BCHW: Tensor, matrix: Tensor, offset: Tensor) -> Tensor:
    """Map the colours of pictures [B, 3, H, W]; not clamped."""
    return torch.einsum("ij,bjhw->bihw", matrix, rgb_BCHW) + offset.view(1, 3, 1, 1)
