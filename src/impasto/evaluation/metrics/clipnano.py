"""How well pictures and clips fit the prompt, by clip-nano and its matching head.

Legend: T frames, H height, W width.
"""

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from impasto.evaluation.metrics.frames import Frame, check_frame, checked
from impasto.evaluation.metrics.metric import ClipMetric, Footage, FrameMetric, Look, Measured, Need, Reference
from impasto.evaluation.metrics.nano import EXTRACTOR
from impasto.evaluation.metrics.protocol import MetricProtocol
from impasto.perception.clipmatch import FRAMES
from impasto.perception.clipnano import PATCHES, WEIGHTS, embedded_clip_nano
from impasto.perception.encoder import WEIGHTS as ENCODER
from impasto.perception.text.weights import TEXT
from impasto.weights.paths import weights_file

NETWORK = f"{EXTRACTOR}, the embedded text encoder ({TEXT}) and clip-nano on both ({WEIGHTS})"
SEEN = f"the whole frame, to about {PATCHES} patches of 16 pixels (256x144, 192x192), bicubic with antialiasing"
TRAINED = "tiny, trained on rendered scenes, paintings and few photos: trust it on nothing else"

CLIP_TEXT_NANO = MetricProtocol(
    name="CLIP-text-nano",
    better="higher",
    definition="cosine of the vectors of picture and prompt, -1..1 (as by CLIP, Radford 2021)",
    extractor=NETWORK,
    resize=SEEN,
    frames="every frame that is looked at; mean",
    trap=f"{TRAINED}; compare outputs for one prompt only",
)
MATCH_NANO = MetricProtocol(
    name="match-nano",
    better="higher",
    definition="raw logit of 'match' of clip and prompt, without bounds (as UMTScore, Liu 2023, FETV)",
    extractor=f"{NETWORK}, by its matching head",
    resize=SEEN,
    frames=f"{FRAMES}, the middle ones of as many equal parts of the clip",
    trap=f"{TRAINED}; it knows how things move in clips of two seconds; compare outputs for one prompt only",
)


def check_weights() -> None:
    """Raise `ModelError` where the weights of the encoder, of the text encoder or of clip-nano are missing."""
    for name in (ENCODER, TEXT, WEIGHTS):
        weights_file(name)


def clip_vector(frame: Frame) -> Tensor:
    """[E], of length 1; look once, and give it to every metric.

    Raises:
        InputError: the frame is no picture.
    """
    check_frame(frame)
    return embedded_clip_nano().picture(_batch([frame])).pooled[0]


def _begin(reference: Reference) -> Callable[[Look], float]:
    prompt = embedded_clip_nano().text([reference.prompt])[0]
    return lambda look: torch.dot(look.in_output(clip_vector), prompt).item()


def _match(footage: Footage, reference: Reference) -> Measured:
    count = sum(1 for _ in checked(footage.outputs(), FRAMES))
    wanted = {(2 * number + 1) * count // (2 * FRAMES) for number in range(FRAMES)}
    chosen = [frame for number, frame in enumerate(footage.outputs()) if number in wanted]
    return Measured(value=embedded_clip_nano().match(_batch(chosen), [reference.prompt]).item())


def _batch(frames: list[Frame]) -> Tensor:
    return torch.from_numpy(np.stack(frames).astype(np.float32)).permute(0, 3, 1, 2)


PROMPT: frozenset[Need] = frozenset({"prompt"})
METRICS = (
    FrameMetric(key="clip-text-nano", protocol=CLIP_TEXT_NANO, needs=PROMPT, check_weights=check_weights, begin=_begin),
    ClipMetric(key="match-nano", protocol=MATCH_NANO, needs=PROMPT, check_weights=check_weights, measure=_match),
)
