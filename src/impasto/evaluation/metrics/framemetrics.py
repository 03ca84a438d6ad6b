"""Metrics of single moments, by the pixels or by what the embedded encoder sees in them."""

from collections.abc import Callable
from typing import TypeVar

from impasto.evaluation.metrics.frames import Frame
from impasto.evaluation.metrics.lpips import LPIPS_NANO, lpips_nano
from impasto.evaluation.metrics.metric import Comparer, Extractor, FrameMetric, Look, Need, Reference
from impasto.evaluation.metrics.nano import nano_features
from impasto.evaluation.metrics.ssim import PSNR, SSIM, psnr, ssim
from impasto.evaluation.metrics.structure import (
    SELF_SIMILARITY_NANO,
    STRUCTURE_NANO,
    self_similarity_nano,
    structure_nano,
)
from impasto.perception.encoder import WEIGHTS
from impasto.weights.paths import weights_file

Seen = TypeVar("Seen")


def check_encoder() -> None:
    """Raise `ModelError` where the weights of the embedded encoder are missing."""
    weights_file(WEIGHTS)


def _pixels(frame: Frame) -> Frame:
    return frame


def _against_source(
    extractor: Extractor[Seen], measure: Comparer[Seen]
) -> Callable[[Reference], Callable[[Look], float]]:
    def begin(reference: Reference) -> Callable[[Look], float]:
        return lambda look: look.compared(extractor, measure)

    return begin


SOURCE: frozenset[Need] = frozenset({"source"})
METRICS = (
    FrameMetric(key="psnr", protocol=PSNR, needs=SOURCE, unit="dB", begin=_against_source(_pixels, psnr)),
    FrameMetric(key="ssim", protocol=SSIM, needs=SOURCE, begin=_against_source(_pixels, ssim)),
    *(
        FrameMetric(
            key=key,
            protocol=protocol,
            needs=SOURCE,
            check_weights=check_encoder,
            begin=_against_source(nano_features, measure),
        )
        for key, protocol, measure in (
            ("lpips-nano", LPIPS_NANO, lpips_nano),
            ("structure-nano", STRUCTURE_NANO, structure_nano),
            ("self-similarity-nano", SELF_SIMILARITY_NANO, self_similarity_nano),
        )
    ),
)
