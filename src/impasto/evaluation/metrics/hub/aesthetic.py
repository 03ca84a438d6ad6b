"""Aesthetic quality: LAION's linear head on CLIP (VBench; Huang 2024)."""

from collections.abc import Callable
from functools import partial

from impasto.evaluation.metrics.hub.clip import clip
from impasto.evaluation.metrics.hub.loading import check, tensors
from impasto.evaluation.metrics.hub.models import AESTHETIC_HEAD, CLIP_L14
from impasto.evaluation.metrics.hub.views import CLIP_VIEW
from impasto.evaluation.metrics.metric import FrameMetric, Look, Reference
from impasto.evaluation.metrics.protocol import EVERY_PICTURE, MetricProtocol
from impasto.weights.hub import folder

AESTHETIC = MetricProtocol(
    name="aesthetic quality (VBench)",
    better="higher",
    definition="linear head (768 to 1) on the image embedding of length 1, over 10: about 0.3 to 0.7 (Huang 2024)",
    extractor="CLIP ViT-L/14 with LAION's sa_0_4_vit_l_14_linear",
    resize=CLIP_VIEW.words,
    frames=EVERY_PICTURE,
    trap="a taste learnt from ratings of pictures on the web: paintings score above photos whatever was painted",
)


def _aesthetic(_: Reference) -> Callable[[Look], float]:
    net = clip(folder(CLIP_L14))
    head = tensors(folder(AESTHETIC_HEAD) / AESTHETIC_HEAD.files[0].name, ("weight", "bias"))
    return lambda look: float(head["weight"][0] @ look.in_output(net.image) + head["bias"]) / 10


METRICS = (
    FrameMetric(
        key="aesthetic",
        protocol=AESTHETIC,
        check_weights=partial(check, CLIP_L14, AESTHETIC_HEAD),
        begin=_aesthetic,
    ),
)
