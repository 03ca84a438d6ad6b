"""Style reached and content leaked, by the two vectors of csd-nano."""

from collections.abc import Callable
from statistics import fmean
from typing import Literal

import torch
from torch import Tensor

from impasto.evaluation.metrics.metric import FrameMetric, Look, Need, Reference
from impasto.evaluation.metrics.nano import EXTRACTOR, FAVOURS, RESIZE, nano_features
from impasto.evaluation.metrics.protocol import MetricProtocol
from impasto.perception.csdnano import WEIGHTS, embedded_csd_nano
from impasto.perception.encoder import WEIGHTS as ENCODER
from impasto.weights.paths import weights_file

HEADS = f"{EXTRACTOR} and csd-nano on it ({WEIGHTS})"
EVERY_FRAME = "every frame that is looked at, with every style picture, all alike; mean"

CSD_NANO = MetricProtocol(
    name="CSD-nano",
    better="higher",
    definition="cosine of the style vectors of output and style picture, -1..1 (as CSD, Somepalli 2024, does)",
    extractor=HEADS,
    resize=RESIZE,
    frames=EVERY_FRAME,
    trap=f"the style picture itself has 1, so read it with leakage-nano; its data had outputs of swift; {FAVOURS}",
)
LEAKAGE_NANO = MetricProtocol(
    name="leakage-nano",
    better="lower",
    definition="cosine of the content vectors of output and style picture, -1..1, by the content head of CSD "
    "(Somepalli 2024): things of the style picture that came into the output raise it",
    extractor=HEADS,
    resize=RESIZE,
    frames=EVERY_FRAME,
    trap="pictures may show like things from the start: only what exceeds the source's own figure leaked",
)


def check_weights() -> None:
    """Raise `ModelError` where the weights of the encoder or of csd-nano are missing."""
    for name in (ENCODER, WEIGHTS):
        weights_file(name)


@torch.no_grad()
def _vector(kind: Literal["style", "content"], features: list[Tensor]) -> Tensor:
    """[D], of `nano_features`."""
    net = embedded_csd_nano()
    return (net.style if kind == "style" else net.content)(features)[0]


def _likeness(kind: Literal["style", "content"]) -> Callable[[Reference], Callable[[Look], float]]:
    def begin(reference: Reference) -> Callable[[Look], float]:
        styles = [_vector(kind, nano_features(style)) for style in reference.styles]

        def measure(look: Look) -> float:
            # The encoder looks once for all metrics; each takes of its features what it needs.
            output = _vector(kind, look.in_output(nano_features))
            return fmean(torch.dot(output, style).item() for style in styles)

        return measure

    return begin


STYLE: frozenset[Need] = frozenset({"style"})
METRICS = (
    FrameMetric(key="csd-nano", protocol=CSD_NANO, needs=STYLE, check_weights=check_weights, begin=_likeness("style")),
    FrameMetric(
        key="leakage-nano", protocol=LEAKAGE_NANO, needs=STYLE, check_weights=check_weights, begin=_likeness("content")
    ),
)
