"""The style losses by name, behind one interface: measure the style once, then ask for the distance to it.

Legend: B pictures, C channels, H height, W width.

All of them are pure and repeatable: random directions and positions depend only on sizes, so that a second call gives
the same value, as L-BFGS needs. Each is for one layer of features, of any number of channels; weighting layers is the
caller's choice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from torch import Tensor

from impasto.losses.gaussian import Gaussian, factor, gaussian, gaussian_distance
from impasto.losses.gram import gram, gram_distance
from impasto.losses.moments import moments_distance
from impasto.losses.positions import points, sample
from impasto.losses.relaxed import directions, moment_distance, relaxed_emd
from impasto.losses.sliced import sliced_distance, sorted_projections, style_directions
from impasto.perception.statistics import channel_statistics

STYLE_POSITIONS = 1024
"""Positions of the style that "relaxed" keeps (Kolkin 2019)."""


@dataclass(frozen=True)
class StyleLoss:
    measure: Callable[[Tensor], Any]
    """Features [B, C, H, W] of the style -> what is kept of them (a tensor or a tuple of tensors)."""
    distance: Callable[[Tensor, Any], Tensor]
    """Features [B, C, H, W] and what is kept of the style (B = 1, broadcast) -> [B], not negative, 0 where they agree;
    differentiable by the features. Picture and style may differ in size. "relaxed" reaches 0 for styles of up to
    `STYLE_POSITIONS` positions; for larger ones a few hundredths remain, as the sample lacks some of their points.
    """


def _measure_gaussian(features_BCHW: Tensor) -> tuple[Gaussian, Tensor]:
    style = gaussian(features_BCHW)
    return style, factor(style.covariance)


def _gaussian_distance(features_BCHW: Tensor, kept: tuple[Gaussian, Tensor]) -> Tensor:
    # A mean over channels, as the other losses are, so that their scales are alike.
    return gaussian_distance(gaussian(features_BCHW), *kept).to(features_BCHW.dtype) / features_BCHW.shape[1]


def _measure_sliced(features_BCHW: Tensor) -> Tensor:
    return sorted_projections(features_BCHW, style_directions(features_BCHW.shape[1]))


def _sliced_distance(features_BCHW: Tensor, kept: Tensor) -> Tensor:
    return sliced_distance(features_BCHW, kept, style_directions(features_BCHW.shape[1]))


def _measure_relaxed(features_BCHW: Tensor) -> tuple[Tensor, Gaussian]:
    # Only the style is sampled. The paper samples the picture as well, other positions in each step; with the same ones
    # in each step most pixels would never feel the loss.
    return sample(directions(points(features_BCHW)), STYLE_POSITIONS), gaussian(features_BCHW)


def _relaxed_distance(features_BCHW: Tensor, kept: tuple[Tensor, Gaussian]) -> Tensor:
    cloud, moments = kept
    # Cosines say nothing of magnitudes: the moments do (Kolkin 2019).
    relaxed = relaxed_emd(directions(points(features_BCHW)), cloud)
    return relaxed + moment_distance(gaussian(features_BCHW), moments).to(relaxed.dtype)


STYLE_LOSSES: Mapping[str, StyleLoss] = MappingProxyType(
    {
        "gram": StyleLoss(gram, gram_distance),
        "moments": StyleLoss(channel_statistics, moments_distance),
        "gaussian": StyleLoss(_measure_gaussian, _gaussian_distance),
        "sliced": StyleLoss(_measure_sliced, _sliced_distance),
        "relaxed": StyleLoss(_measure_relaxed, _relaxed_distance),
    }
)
