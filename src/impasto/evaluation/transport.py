"""How far the features of one picture are from those of another, as distributions: Wasserstein distances by layer.

Legend: C channels, H height, W width, D directions, N positions, K positions that are kept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from impasto.losses.exact import exact_wasserstein
from impasto.losses.positions import points, sample
from impasto.losses.sliced import sorted_projections, style_directions, wasserstein_1d


@dataclass(frozen=True)
class Clouds:
    """The features of one picture, layer by layer."""

    projections: list[Tensor]
    """[1, D, N], ascending"""
    sampled: list[NDArray[np.float32]]
    """[K, C]"""


def clouds(features: Sequence[Tensor], positions: int) -> Clouds:
    """Of features [1, C, H, W] of any number of layers.

    Args:
        positions: random ones that are kept for the exact distance, always the same.
    """
    return Clouds(
        [sorted_projections(layer, style_directions(layer.shape[1])) for layer in features],
        [sample(points(layer), positions)[0].numpy() for layer in features],
    )


def sliced(first: Clouds, second: Clouds) -> list[float]:
    """Sliced 2-Wasserstein distance of each layer over all positions (Bonneel 2015)."""
    pairs = zip(first.projections, second.projections, strict=True)
    return [wasserstein_1d(a, b).mean().sqrt().item() for a, b in pairs]


def exact(first: Clouds, second: Clouds) -> list[float]:
    """1-Wasserstein distance of each layer between the sampled positions.

    Two samples of one distribution are apart as well, the more the fewer they are.
    """
    return [exact_wasserstein(a, b) for a, b in zip(first.sampled, second.sampled, strict=True)]


def share_left(now: Sequence[float], before: Sequence[float]) -> float:
    """Mean over layers of a distance to the style over what it was: 0 is the style, 1 as far as before."""
    return float(np.mean([n / max(b, 1e-9) for n, b in zip(now, before, strict=True)]))
