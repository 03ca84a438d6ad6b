"""How a clip as a whole matches a text: CLIP-T with ViCLIP's way of choosing frames, behind one interface of networks.

Legend: B clips, T frames, C channels, H height, W width, D numbers of an embedding.
"""

from collections.abc import Callable, Sequence
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Protocol

import numpy as np
import torch

from impasto.evaluation.metrics.frames import Frame, checked
from impasto.evaluation.metrics.hub.loading import check, network, token_ids
from impasto.evaluation.metrics.hub.models import XCLIP_B32
from impasto.evaluation.metrics.hub.views import CROPPED, SIDE, View
from impasto.evaluation.metrics.metric import ClipMetric, Footage, Measured, Reference
from impasto.evaluation.metrics.protocol import MetricProtocol
from impasto.weights.hub import folder

XCLIP_VIEW = View(words=f"short side {SIDE}, bilinear with antialiasing, {CROPPED}", mode="bilinear", crop=True)
CLIP_T_XCLIP = MetricProtocol(
    name="CLIP-T (X-CLIP)",
    better="higher",
    definition="cosine of the embeddings of clip and prompt, the text's changed by what the clip shows (Ni 2022)",
    extractor="X-CLIP ViT-B/32 (microsoft/xclip-base-patch32); not ViCLIP, which papers mean by CLIP-T: its numbers "
    "come from its own program, as those of UMT do",
    resize=XCLIP_VIEW.words,
    frames="8, each from the middle of an eighth of the clip; the last again where there are fewer",
    trap="trained on Kinetics to tell actions: says little of styles; papers do not agree whether the prompt is the "
    "user's or names the style only",
)


class VideoText(Protocol):
    """A network that sees how a clip matches a text: a cosine, as CLIP-T wants it, or the raw logit of "match", as UMT.

    UMTScore (FETV-EVAL) looks at 12 frames; its logit has no bounds and may be negative.
    """

    frames: int
    """How many it looks at."""

    def match(self, frames: Sequence[Frame], text: str) -> float: ...


def middle_frames(count: int, wanted: int) -> list[int]:
    """Numbers of the frames in the middle of `wanted` equal parts of a clip, the last repeated where there are fewer.

    Args:
        count: frames of the clip, at least 1.
    """
    edges = np.linspace(0, count, min(wanted, count) + 1).astype(int)
    chosen = ((edges[:-1] + edges[1:] - 1) // 2).tolist()
    return chosen + chosen[-1:] * (wanted - len(chosen))


def video_text(footage: Footage, text: str, net: VideoText) -> float:
    """The match of a clip and a text by the frames that the network wants, which are all that is kept of the clip.

    Raises:
        InputError: the clip has no frames, or one is no picture or of another size (says which).
    """
    chosen = middle_frames(sum(1 for _ in checked(footage.outputs())), net.frames)
    kept = {number: frame for number, frame in enumerate(islice(footage.outputs(), chosen[-1] + 1)) if number in chosen}
    return net.match([kept[number] for number in chosen], text)


class XClip:
    """X-CLIP; raises `ModelError` where the weights are of another layout."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._net = network("XCLIPModel", path)
        self.frames: int = self._net.config.vision_config.num_frames

    @torch.no_grad()
    def match(self, frames: Sequence[Frame], text: str) -> float:
        """Cosine of clip and text, in [-1, 1]."""
        clip_BTCHW = torch.cat([XCLIP_VIEW(frame) for frame in frames])[None]
        ids = token_ids(text, self._path, self._net.config.text_config.max_position_embeddings)
        seen = self._net(input_ids=ids, pixel_values=clip_BTCHW)
        return float(seen.video_embeds[0] @ seen.text_embeds[0, 0])


xclip = cache(XClip)


def measured_by(load: Callable[[], VideoText]) -> Callable[[Footage, Reference], Measured]:
    """The `measure` of a `ClipMetric` that asks how the prompt fits."""
    return lambda footage, reference: Measured(value=video_text(footage, reference.prompt, load()))


METRICS = (
    ClipMetric(
        key="clip-t-xclip",
        protocol=CLIP_T_XCLIP,
        needs=frozenset({"prompt"}),
        check_weights=partial(check, XCLIP_B32),
        measure=measured_by(lambda: xclip(folder(XCLIP_B32))),
    ),
)
