"""How much of the layout of a source is left in its repainted output, by the features of patches.

Legend: N pictures, P patches, D numbers of a feature vector.
"""

import torch.nn.functional as F
from torch import Tensor

from impasto.errors import InputError
from impasto.evaluation.metrics.nano import EXTRACTOR, FAVOURS, RESIZE
from impasto.evaluation.metrics.protocol import EVERY_PAIR, MetricProtocol
from impasto.losses.positions import points
from impasto.perception.statistics import content_distance

RELU4_1 = 3

STRUCTURE_NANO = MetricProtocol(
    name="structure-nano",
    better="higher",
    definition="cosine of the features of source and output at the same place; mean over places (as DreamStyle 2026 "
    "does with DINOv2 patches)",
    extractor=f"{EXTRACTOR}, relu4_1, instance-normalised",
    resize=RESIZE,
    frames=EVERY_PAIR,
    trap=f"1 - the content distance that training holds down: {FAVOURS}; 1 where nothing was repainted",
)
SELF_SIMILARITY_NANO = MetricProtocol(
    name="self-similarity-nano",
    better="lower",
    definition="mean squared difference between the matrices of cosines of all places of the source and of the output "
    "(as Splice, Tumanyan 2022, does with the keys of DINO)",
    extractor=f"{EXTRACTOR}, relu4_1",
    resize=RESIZE,
    frames=EVERY_PAIR,
    trap=f"0 where nothing was repainted; {FAVOURS}",
)


def patch_similarity(source_NPD: Tensor, output_NPD: Tensor) -> Tensor:
    """Mean over patches of the cosine of features at the same place, [N] in [-1, 1], 1 where nothing moved.

    DreamStyle 2026, with DINOv2 patch tokens without the class token; not the distance of Splice.

    Raises:
        InputError: the features differ in shape.
    """
    _check(source_NPD, output_NPD)
    return F.cosine_similarity(source_NPD, output_NPD, dim=2).mean(1)


def self_similarity_distance(source_NPD: Tensor, output_NPD: Tensor) -> Tensor:
    """Mean squared difference of the cosine self-similarity matrices, [N], 0 where they agree (Splice; Tumanyan 2022).

    Raises:
        InputError: the features differ in shape.
    """
    _check(source_NPD, output_NPD)
    source, output = (F.normalize(features, dim=2) for features in (source_NPD, output_NPD))
    # The paper takes the Frobenius norm; the authors' program the mean square, which is the same at every size.
    return (source @ source.transpose(1, 2) - output @ output.transpose(1, 2)).square().mean((1, 2))


def structure_nano(source: list[Tensor], output: list[Tensor]) -> float:
    """`patch_similarity` of `nano_features`; raises `InputError` where the pictures were not of one size."""
    # The mean of a style is part of every plain feature. Without it, stylised and unrelated pictures score 11 standard
    # deviations apart, with it 4 (10 photos painted by `swift`).
    _check(source[RELU4_1], output[RELU4_1])
    return 1 - content_distance(source[RELU4_1], output[RELU4_1]).item()


def self_similarity_nano(source: list[Tensor], output: list[Tensor]) -> float:
    """`self_similarity_distance` of `nano_features`; raises `InputError` where the pictures were not of one size."""
    return self_similarity_distance(points(source[RELU4_1]), points(output[RELU4_1])).item()


def _check(source: Tensor, output: Tensor) -> None:
    if source.shape != output.shape:
        raise InputError(
            f"The features of source and output have the shapes {tuple(source.shape)} and {tuple(output.shape)}; "
            "give pictures of one size."
        )
