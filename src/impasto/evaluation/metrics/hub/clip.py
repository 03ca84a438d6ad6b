"""Metrics by CLIP (Radford 2021): how frames match a text, and how steady the background is.

Legend: D numbers of an embedding.
"""

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.evaluation.metrics.consistency import DEFINITION, EVERY_LATER_FRAME, STILLNESS, measure_consistency
from impasto.evaluation.metrics.frames import Frame
from impasto.evaluation.metrics.hub.loading import check, network, token_ids
from impasto.evaluation.metrics.hub.models import CLIP_B32, CLIP_L14
from impasto.evaluation.metrics.hub.views import CLIP_VIEW
from impasto.evaluation.metrics.metric import ClipMetric, Footage, FrameMetric, Look, Measured, Reference
from impasto.evaluation.metrics.protocol import EVERY_PICTURE, MetricProtocol
from impasto.weights.hub import folder

CLIP_TEXT = MetricProtocol(
    name="CLIP-text",
    better="higher",
    definition="cosine of the embeddings of a frame and of the prompt, not scaled; with the style's text as prompt it "
    "is what VBench calls appearance style (with ViT-B/32)",
    extractor="CLIP ViT-L/14 (openai/clip-vit-large-patch14)",
    resize=CLIP_VIEW.words,
    frames=EVERY_PICTURE,
    trap="other variants of CLIP and other prompts (with or without the style's words) give other numbers, around 0.2 "
    "to 0.35; a prompt is read up to 77 tokens; says nothing of motion",
)
BACKGROUND = MetricProtocol(
    name="background consistency (VBench)",
    better="higher",
    definition=DEFINITION,
    extractor="CLIP ViT-B/32 (openai/clip-vit-base-patch32), image embedding, 512 numbers",
    resize=CLIP_VIEW.words,
    frames=EVERY_LATER_FRAME,
    trap=f"{STILLNESS}; looks at the whole frame, not at the background alone",
)


class Clip:
    """Pictures and texts in one space; raises `ModelError` where the weights are of another layout."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._net = network("CLIPModel", path)

    @torch.no_grad()
    def image(self, frame: Frame) -> Tensor:
        """[D], of length 1."""
        seen = self._net.vision_model(CLIP_VIEW(frame)).pooler_output
        return F.normalize(self._net.visual_projection(seen), dim=1)[0]

    @torch.no_grad()
    def text(self, text: str) -> Tensor:
        """[D], of length 1."""
        ids = token_ids(text, self._path, self._net.config.text_config.max_position_embeddings)
        return F.normalize(self._net.text_projection(self._net.text_model(ids).pooler_output), dim=1)[0]


clip = cache(Clip)
"""One for each folder, so that all metrics share what it sees in a frame."""


def _clip_text(reference: Reference) -> Callable[[Look], float]:
    net = clip(folder(CLIP_L14))
    prompt = net.text(reference.prompt)
    return lambda look: float(look.in_output(net.image) @ prompt)


def _background(footage: Footage, _: Reference) -> Measured:
    return measure_consistency(footage.outputs(), clip(folder(CLIP_B32)).image)


METRICS = (
    FrameMetric(
        key="clip-text",
        protocol=CLIP_TEXT,
        needs=frozenset({"prompt"}),
        check_weights=partial(check, CLIP_L14),
        begin=_clip_text,
    ),
    ClipMetric(
        key="background-consistency",
        protocol=BACKGROUND,
        check_weights=partial(check, CLIP_B32),
        measure=_background,
    ),
)
