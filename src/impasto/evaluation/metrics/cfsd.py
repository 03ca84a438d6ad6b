"""CFSD: how much of the likeness of a picture's places to each other is left in the output (StyleID; Chung 2024).

Legend: B pictures, C channels, H height, W width, N places, R places of a part of them.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.errors import InputError
from impasto.evaluation.metrics.framemetrics import check_encoder
from impasto.evaluation.metrics.metric import FrameMetric, Look, Reference
from impasto.evaluation.metrics.nano import EXTRACTOR, FAVOURS, RESIZE, nano_features
from impasto.evaluation.metrics.protocol import EVERY_PAIR, MetricProtocol
from impasto.losses.positions import points

DEFINITION = (
    "Kullback-Leibler divergence, source to output, of the softmax over all places of the products of the features of "
    "two places (over the channels' number squared); sum over places (StyleID, Chung 2024)"
)
UNEVEN = (
    "0 where nothing was repainted; the same change to another source may give a hundred times as much, as contrast "
    "weighs by its fourth power, and strong grain more than another layout: compare methods on the same sources only"
)
ROWS = 128
"""Places that are compared with all others at a time: bounds the memory, and keeps it in the cache."""
RELU3_1 = 2
NANO_GRID = 32
CFSD_NANO = MetricProtocol(
    name="CFSD-nano",
    better="lower",
    definition=f"1000 x {DEFINITION}",
    extractor=f"{EXTRACTOR}, relu3_1, mean over each cell of a grid of {NANO_GRID}x{NANO_GRID}",
    resize=RESIZE,
    frames=EVERY_PAIR,
    trap=f"a sum over the cells of the grid, far from that of the published network; {UNEVEN}; {FAVOURS}",
)


def cfsd(source_BCHW: Tensor, output_BCHW: Tensor) -> Tensor:
    """Content feature structural distance of feature maps, [B], at least 0, 0 where they are equal (Chung 2024).

    A sum over places: compare numbers of equal H and W only.

    Raises:
        InputError: the features differ in shape.
    """
    if source_BCHW.shape != output_BCHW.shape:
        raise InputError(
            f"The features of source and output have the shapes {tuple(source_BCHW.shape)} and "
            f"{tuple(output_BCHW.shape)}; give pictures of one size."
        )
    source_BNC, output_BNC = (points(features) / features.shape[1] for features in (source_BCHW, output_BCHW))
    parts = zip(source_BNC.split(ROWS, 1), output_BNC.split(ROWS, 1), strict=True)
    return torch.stack([_divergence(s @ source_BNC.mT, o @ output_BNC.mT) for s, o in parts]).sum(0)


def _divergence(source_BRN: Tensor, output_BRN: Tensor) -> Tensor:
    log_p, log_q = F.log_softmax(source_BRN, 2), F.log_softmax(output_BRN, 2)
    p, change = log_p.exp(), log_q - log_p
    # Rows are nearly alike, so that plain p (log p - log q) drowns in rounding. Adding q - p, which sums to 0, cancels
    # the rounding of the logarithms; expm1 takes that difference without losing the digits of a small change.
    difference = torch.where(change < 1, p * change.clamp(max=1).expm1(), log_q.exp() - p)
    return (difference - p * change).sum((1, 2))


def cfsd_nano(source: list[Tensor], output: list[Tensor]) -> float:
    """1000 x `cfsd` of `nano_features`; raises `InputError` where the pictures were not of one size."""
    grids = [F.adaptive_avg_pool2d(features[RELU3_1], NANO_GRID) for features in (source, output)]
    return 1000 * cfsd(*grids).item()


def _begin(_: Reference) -> Callable[[Look], float]:
    return lambda look: cfsd_nano(look.in_source(nano_features), look.in_output(nano_features))


NANO_METRICS = (
    FrameMetric(
        key="cfsd-nano",
        protocol=CFSD_NANO,
        needs=frozenset({"source"}),
        unit="x 1000",
        check_weights=check_encoder,
        begin=_begin,
    ),
)
