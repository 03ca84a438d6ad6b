"""How far the features of an output are from those of its style picture, as distributions.

Legend: B pictures, C channels, H height, W width, N places.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

import numpy as np
import torch
from torch import Tensor

from impasto.evaluation.metrics.framemetrics import check_encoder
from impasto.evaluation.metrics.metric import FrameMetric, Look, Reference
from impasto.evaluation.metrics.nano import EXTRACTOR, FAVOURS, RESIZE, nano_features
from impasto.evaluation.metrics.protocol import EVERY_PICTURE, MetricProtocol
from impasto.losses.gaussian import factor, gaussian, gaussian_distance
from impasto.losses.positions import points, precise, sample
from impasto.losses.sliced import style_directions, wasserstein_1d

PLACES = 2048
"""Random places of each layer that the sliced distance sorts: of all of them it takes seconds a frame."""
_SHARE = "over the mean square of the style's features; mean over layers, then over style pictures"
_TRAP = f"`gatys` paints by such distances, of these very features; {FAVOURS}"
GAUSSIAN_WASSERSTEIN_NANO = MetricProtocol(
    name="Gaussian Wasserstein-nano",
    better="lower",
    definition="squared 2-Wasserstein distance of the features of output and style picture at all places, seen as "
    f"normal distributions (Olkin and Pukelsheim 1982), {_SHARE}",
    extractor=f"{EXTRACTOR}, relu1_1 .. relu5_1",
    resize=RESIZE,
    frames=EVERY_PICTURE,
    trap=f"sees means and covariances only; {_TRAP}",
)
SLICED_WASSERSTEIN_NANO = MetricProtocol(
    name="sliced Wasserstein-nano",
    better="lower",
    definition="squared 2-Wasserstein distance of the features of output and style picture along random directions, "
    f"mean over as many as there are channels (Heitz 2021), {_SHARE}",
    extractor=f"{EXTRACTOR}, relu1_1 .. relu5_1, {PLACES} random places of each at most",
    resize=RESIZE,
    frames=EVERY_PICTURE,
    trap=f"not quite 0 for the same picture at another size, as only some places are seen; {_TRAP}",
)


@dataclass(frozen=True)
class Distance:
    """A distance between the features of one layer, [1, C, H, W], of an output and of a style picture."""

    see: Callable[[Tensor], Any]
    """What counts of the features; once for all styles."""
    keep: Callable[[Any], Any]
    """What the distance takes of a style that was seen."""
    between: Callable[[Any, Any], Tensor]
    """Of an output that was seen and a style that was kept; a mean over channels, without a shape."""


def _sorted_along(features_1CHW: Tensor) -> Tensor:
    points_CN = precise(features_1CHW)[0].flatten(1)
    # numpy sorts three times as fast, and no gradient is wanted.
    return torch.from_numpy(np.sort((style_directions(len(points_CN)).T @ points_CN).numpy()))


GAUSSIAN = Distance(
    see=gaussian,
    keep=lambda style: (style, factor(style.covariance)),
    between=lambda output, style: gaussian_distance(output, *style)[0] / output.mean.shape[1],
)
SLICED = Distance(
    see=_sorted_along, keep=lambda style: style, between=lambda output, style: wasserstein_1d(output, style).mean()
)


@torch.no_grad()
def wasserstein(apart: Distance, styles: Sequence[Sequence[Tensor]]) -> Callable[[Sequence[Tensor]], float]:
    """Measures the styles once; the function that it gives, the distance to them as a share of their mean square.

    0 where the distributions agree, and about 1 where an output has no features at all; mean over styles.

    Args:
        styles: of each, features [1, C, H, W] of each layer; those of the outputs likewise, of any size.
    """
    kept = [[(apart.keep(apart.see(layer)), layer.square().mean().item()) for layer in style] for style in styles]

    @torch.no_grad()
    def distance(output: Sequence[Tensor]) -> float:
        seen = [apart.see(layer) for layer in output]
        shares = [
            [apart.between(look, layer).item() / scale for look, (layer, scale) in zip(seen, style, strict=True)]
            for style in kept
        ]
        return fmean(fmean(layers) for layers in shares)

    return distance


def some_places(features: Sequence[Tensor]) -> list[Tensor]:
    """`PLACES` random places of each layer at most, [B, C, N, 1]; the same ones for features of one size."""
    return [sample(points(layer), PLACES).mT[..., None] for layer in features]


def _to_styles(
    apart: Distance, seen: Callable[[list[Tensor]], list[Tensor]]
) -> Callable[[Reference], Callable[[Look], float]]:
    def begin(reference: Reference) -> Callable[[Look], float]:
        distance = wasserstein(apart, [seen(nano_features(style)) for style in reference.styles])
        return lambda look: distance(seen(look.in_output(nano_features)))

    return begin


NANO_METRICS = tuple(
    FrameMetric(
        key=key,
        protocol=protocol,
        needs=frozenset({"style"}),
        check_weights=check_encoder,
        begin=begin,
    )
    for key, protocol, begin in (
        ("sliced-wasserstein-nano", SLICED_WASSERSTEIN_NANO, _to_styles(SLICED, some_places)),
        ("gaussian-wasserstein-nano", GAUSSIAN_WASSERSTEIN_NANO, _to_styles(GAUSSIAN, list)),
    )
)
