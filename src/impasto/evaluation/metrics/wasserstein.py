"""How far the features of an output are from those of its style picture, as distributions.

Legend: B pictures, C channels, H height, W width, N places.
"""

from collections.abc import Callable, Sequence
from statistics import fmean

import torch
from torch import Tensor

from impasto.evaluation.metrics.framemetrics import check_encoder
from impasto.evaluation.metrics.metric import FrameMetric, Look, Reference
from impasto.evaluation.metrics.nano import EXTRACTOR, FAVOURS, RESIZE, nano_features
from impasto.evaluation.metrics.protocol import EVERY_PICTURE, MetricProtocol
from impasto.losses.positions import points, sample
from impasto.losses.style import STYLE_LOSSES, StyleLoss

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


def wasserstein(loss: StyleLoss, style: Sequence[Tensor]) -> Callable[[Sequence[Tensor]], float]:
    """Measures the style once; the function that it gives, the distance to it as a share of its mean square.

    0 where the distributions agree, and about 1 where an output has no features at all.

    Args:
        loss: "gaussian" or "sliced" of `STYLE_LOSSES`.
        style: features [1, C, H, W] of each layer; those of the outputs likewise, of any size.
    """
    kept = [(loss.measure(layer), layer.square().mean()) for layer in style]

    @torch.no_grad()
    def distance(output: Sequence[Tensor]) -> float:
        shares = [loss.distance(layer, measured) / scale for layer, (measured, scale) in zip(output, kept, strict=True)]
        return torch.stack(shares).mean().item()

    return distance


def some_places(features: Sequence[Tensor]) -> list[Tensor]:
    """`PLACES` random places of each layer at most, [B, C, N, 1]; the same ones for features of one size."""
    return [sample(points(layer), PLACES).mT[..., None] for layer in features]


def _to_styles(
    name: str, seen: Callable[[list[Tensor]], list[Tensor]]
) -> Callable[[Reference], Callable[[Look], float]]:
    def begin(reference: Reference) -> Callable[[Look], float]:
        styles = [wasserstein(STYLE_LOSSES[name], seen(nano_features(style))) for style in reference.styles]

        def measure(look: Look) -> float:
            output = seen(look.in_output(nano_features))
            return fmean(distance(output) for distance in styles)

        return measure

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
        ("sliced-wasserstein-nano", SLICED_WASSERSTEIN_NANO, _to_styles("sliced", some_places)),
        ("gaussian-wasserstein-nano", GAUSSIAN_WASSERSTEIN_NANO, _to_styles("gaussian", list)),
    )
)
