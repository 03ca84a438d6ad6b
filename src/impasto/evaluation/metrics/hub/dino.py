"""Metrics by DINO (Caron 2021) and DINOv2 (Oquab 2023): what is left of the layout, and how steady the subject is.

Legend: P patches, D numbers of a feature vector.
"""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import torch
from torch import Tensor

from impasto.evaluation.metrics.consistency import DEFINITION, EVERY_LATER_FRAME, STILLNESS, measure_consistency
from impasto.evaluation.metrics.frames import Frame
from impasto.evaluation.metrics.hub.loading import check, network
from impasto.evaluation.metrics.hub.models import DINO_B8, DINO_B16, DINOV2_B14
from impasto.evaluation.metrics.hub.views import SIDE, View
from impasto.evaluation.metrics.metric import ClipMetric, Footage, FrameMetric, Look, Measured, Reference
from impasto.evaluation.metrics.protocol import EVERY_PAIR, MetricProtocol
from impasto.evaluation.metrics.structure import patch_similarity, self_similarity_distance
from impasto.weights.hub import folder

WHOLE = f"the whole frame, short side {SIDE}"
SUBJECT_VIEW = View(words=f"{WHOLE}, bilinear with antialiasing", mode="bilinear")
SPLICE_LONGEST = 480
SPLICE_VIEW = View(
    words=f"{WHOLE}, long side at most {SPLICE_LONGEST}, bilinear with antialiasing",
    mode="bilinear",
    longest=SPLICE_LONGEST,
)

DINO_STRUCTURE = MetricProtocol(
    name="DINO structure",
    better="higher",
    definition="cosine of the patch tokens of source and output at the same place, without the class token; mean over "
    "places (DreamStyle 2026)",
    extractor="DINOv2 ViT-B/14 (facebook/dinov2-base), last layer, normalised; the paper does not name its variant",
    resize=f"{WHOLE}, bicubic with antialiasing, sides multiples of a patch; the paper does not say",
    frames=EVERY_PAIR,
    trap="1 where nothing was repainted; not the distance of Splice, which goes the other way",
)
SPLICE_STRUCTURE = MetricProtocol(
    name="Splice structure",
    better="lower",
    definition="mean squared difference between the matrices of cosines of all keys of the last layer, that of the "
    "class token with them, of the source and of the output (Tumanyan 2022)",
    extractor="DINO ViT-B/8 (facebook/dino-vitb8), keys of layer 11 (the last), all heads in one",
    resize=SPLICE_VIEW.words,
    frames=EVERY_PAIR,
    trap="0 where nothing was repainted; not the cosine of DreamStyle, which goes the other way",
)
SUBJECT = MetricProtocol(
    name="subject consistency (VBench)",
    better="higher",
    definition=DEFINITION,
    extractor="DINO ViT-B/16 (facebook/dino-vitb16), class token, 768 numbers",
    resize=SUBJECT_VIEW.words,
    frames=EVERY_LATER_FRAME,
    trap=f"{STILLNESS}; looks at the whole frame, not at the subject alone",
)


class Dino:
    """DINO; raises `ModelError` where the weights are of another layout."""

    def __init__(self, path: Path) -> None:
        self._net = network("ViTModel", path, add_pooling_layer=False)

    @torch.no_grad()
    def subject(self, frame: Frame) -> Tensor:
        """The class token, [D]."""
        return self._net(SUBJECT_VIEW(frame), interpolate_pos_encoding=True).last_hidden_state[0, 0]

    @torch.no_grad()
    def keys(self, frame: Frame) -> Tensor:
        """Keys of the last layer, of the class token first, [1, 1 + P, D]."""
        found: list[Tensor] = []
        handle = self._net.layers[-1].attention.k_proj.register_forward_hook(lambda *call: found.append(call[-1]))
        try:
            self._net(SPLICE_VIEW(frame), interpolate_pos_encoding=True)
        finally:
            handle.remove()
        return found[0]


class DinoV2:
    """DINOv2; raises `ModelError` where the weights are of another layout."""

    def __init__(self, path: Path) -> None:
        self._net = network("Dinov2Model", path)
        patch: int = self._net.config.patch_size
        self._view = View(words=DINO_STRUCTURE.resize, mode="bicubic", multiple=patch)

    @torch.no_grad()
    def patches(self, frame: Frame) -> Tensor:
        """Patch tokens of the last layer, [1, P, D]."""
        return self._net(self._view(frame)).last_hidden_state[:, 1:]


dino, dinov2 = cache(Dino), cache(DinoV2)
"""One for each folder, so that a metric looks at a frame once."""


def _against_source(
    look_with: Callable[[], Callable[[Frame], Tensor]], measure: Callable[[Tensor, Tensor], Tensor]
) -> Callable[[Reference], Callable[[Look], float]]:
    def begin(_: Reference) -> Callable[[Look], float]:
        see = look_with()
        return lambda look: measure(look.in_source(see), look.in_output(see)).item()

    return begin


def _subject(footage: Footage, _: Reference) -> Measured:
    return measure_consistency(footage.outputs(), dino(folder(DINO_B16)).subject)


METRICS = (
    FrameMetric(
        key="dino-structure",
        protocol=DINO_STRUCTURE,
        needs=frozenset({"source"}),
        check_weights=partial(check, DINOV2_B14),
        begin=_against_source(lambda: dinov2(folder(DINOV2_B14)).patches, patch_similarity),
    ),
    FrameMetric(
        key="splice-structure",
        protocol=SPLICE_STRUCTURE,
        needs=frozenset({"source"}),
        check_weights=partial(check, DINO_B8),
        begin=_against_source(lambda: dino(folder(DINO_B8)).keys, self_similarity_distance),
    ),
    ClipMetric(
        key="subject-consistency",
        protocol=SUBJECT,
        check_weights=partial(check, DINO_B16),
        measure=_subject,
    ),
)
