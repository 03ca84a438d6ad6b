"""How much a clip stays itself, by one feature vector a frame (VBench; Huang 2024).

Legend: D numbers of a feature vector.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from statistics import fmean

import torch.nn.functional as F
from torch import Tensor

from impasto.evaluation.metrics.framemetrics import check_encoder
from impasto.evaluation.metrics.frames import Frame, checked
from impasto.evaluation.metrics.metric import ClipMetric, Footage, Measured, Reference
from impasto.evaluation.metrics.nano import EXTRACTOR, FAVOURS, RESIZE, nano_embedding, nano_features
from impasto.evaluation.metrics.protocol import MetricProtocol

DEFINITION = (
    "(max(0, cos(f_t, f_1)) + max(0, cos(f_t, f_t-1))) / 2 of the feature vectors f of the first frame, of one and of "
    "the one before it (Huang 2024)"
)
EVERY_LATER_FRAME = "every frame but the first; mean"
STILLNESS = "rewards stillness: a frozen clip scores 1; means little across a cut"

RATE = 4
"""Frames a second that the embedded encoder looks at: it is the slowest part of measuring a long clip."""
CONSISTENCY_NANO = MetricProtocol(
    name="consistency-nano",
    better="higher",
    definition=f"{DEFINITION}; one number in place of VBench's two, of the subject and of the background",
    extractor=f"{EXTRACTOR}, relu5_1, mean over positions, 512 numbers",
    resize=RESIZE,
    frames=f"every k-th, so that about {RATE} a second remain, but the first; mean",
    trap=f"{STILLNESS}; no feature is negative, so that unlike frames score above 0 as well; {FAVOURS}",
)


def consistency(embeddings: Iterable[Tensor]) -> Iterator[float]:
    """For each frame after the first, how like the first and the one before it is, in [0, 1] (Huang 2024).

    Args:
        embeddings: [D] of each frame in order; two are kept at a time.
    """
    first = before = None
    for embedding in embeddings:
        if first is not None and before is not None:
            likeness = (F.cosine_similarity(embedding, other, dim=0).item() for other in (first, before))
            yield sum(max(0.0, cosine) for cosine in likeness) / 2
        first, before = embedding if first is None else first, embedding


def measure_consistency(frames: Iterable[Frame], embed: Callable[[Frame], Tensor], step: int = 1) -> Measured:
    """Mean of `consistency` over every `step`-th frame, and its course.

    Raises:
        InputError: too few frames for a pair, or one is no picture or of another size (says which).
    """
    curve = tuple(consistency(embed(frame) for frame in islice(checked(frames, step + 1), 0, None, step)))
    return Measured(value=fmean(curve), curve=curve)


def _nano(footage: Footage, _: Reference) -> Measured:
    step = max(1, round(footage.fps / RATE))
    return measure_consistency(footage.outputs(), lambda frame: nano_embedding(nano_features(frame))[0], step)


NANO_METRICS = (
    ClipMetric(
        key="consistency-nano",
        protocol=CONSISTENCY_NANO,
        check_weights=check_encoder,
        measure=_nano,
    ),
)
