"""CSD: how like a style picture an output is in style, and how much of what the picture shows leaked into it.

Legend: D numbers of the trunk's features, E of a descriptor.
"""

from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from statistics import fmean
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.evaluation.metrics.frames import Frame
from impasto.evaluation.metrics.hub.loading import check, refuse_missing, tensors, transformers
from impasto.evaluation.metrics.hub.models import CSD_L14
from impasto.evaluation.metrics.hub.views import CLIP_VIEW
from impasto.evaluation.metrics.metric import FrameMetric, Look, Reference
from impasto.evaluation.metrics.protocol import EVERY_PICTURE, MetricProtocol
from impasto.weights.hub import folder

EXTRACTOR = "CSD (Somepalli 2024): CLIP ViT-L/14 trunk, 1024 numbers before its projection, {} head, 768 numbers"
CSD = MetricProtocol(
    name="CSD",
    better="higher",
    definition="cosine of the style descriptors of output and style picture (Somepalli 2024); mean over style pictures",
    extractor=EXTRACTOR.format("style"),
    resize=CLIP_VIEW.words,
    frames=EVERY_PICTURE,
    trap="a copy of what the style picture shows raises it as well: read it beside content leakage and a text match; "
    "the published weights do not quite reproduce the paper",
)
CONTENT_LEAKAGE = MetricProtocol(
    name="content leakage (CSD)",
    better="lower",
    definition="cosine of the content descriptors of output and style picture; mean over style pictures",
    extractor=EXTRACTOR.format("content"),
    resize=CLIP_VIEW.words,
    frames=EVERY_PICTURE,
    trap="not 0 without a leak: a source that shows the same things as the style picture has a figure of its own, read "
    "it beside; the head was trained to lose the style, and loses it in part",
)

HEADS = ("last_layer_style", "last_layer_content")
_BLOCK_NAMES = {
    "self_attn.out_proj": "attn.out_proj",
    "layer_norm1": "ln_1",
    "layer_norm2": "ln_2",
    "mlp.fc1": "mlp.c_fc",
    "mlp.fc2": "mlp.c_proj",
}
_NAMES = {
    "embeddings.class_embedding": "class_embedding",
    "embeddings.patch_embedding.weight": "conv1.weight",
    "embeddings.position_embedding.weight": "positional_embedding",
    "pre_layrnorm.weight": "ln_pre.weight",
    "pre_layrnorm.bias": "ln_pre.bias",
    "post_layernorm.weight": "ln_post.weight",
    "post_layernorm.bias": "ln_post.bias",
}
HEAD_WIDTH = 64
"""Numbers of an attention head in every CLIP of OpenAI."""


class Descriptors(NamedTuple):
    """[E] each, of length 1."""

    style: Tensor
    content: Tensor


def published_name(name: str) -> tuple[str, int | None]:
    """What a tensor of `CLIPVisionModel` is called in CSD's checkpoint, and which third of it if it holds three.

    The trunk is OpenAI's: queries, keys and values lie one below the other in `in_proj`.
    """
    if name in _NAMES:
        return f"backbone.{_NAMES[name]}", None
    number, part = name.removeprefix("encoder.layers.").split(".", 1)
    part, kind = part.rsplit(".", 1)
    block = f"backbone.transformer.resblocks.{number}."
    if part in _BLOCK_NAMES:
        return f"{block}{_BLOCK_NAMES[part]}.{kind}", None
    third = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj").index(part)
    return f"{block}attn.in_proj_{kind}", third


def vision_config(state: Mapping[str, Tensor]) -> dict[str, Any]:
    """What `CLIPVisionConfig` wants to know, read off the shapes of a checkpoint's tensors."""
    width, _, patch, _ = state["backbone.conv1.weight"].shape
    places = len(state["backbone.positional_embedding"]) - 1
    return {
        "hidden_size": width,
        "patch_size": patch,
        "image_size": patch * round(places**0.5),
        "num_hidden_layers": sum(name.endswith("attn.in_proj_weight") for name in state),
        "num_attention_heads": max(1, width // HEAD_WIDTH),
        "intermediate_size": len(state["backbone.transformer.resblocks.0.mlp.c_fc.weight"]),
    }


class Csd:
    """The published network; raises `ModelError` where the weights are of another layout (names what they lack)."""

    def __init__(self, path: Path) -> None:
        file = path / CSD_L14.files[0].name
        # The checkpoint was saved from a network spread over devices.
        state = {name.removeprefix("module."): tensor for name, tensor in tensors(file).items()}
        shaping = ("conv1.weight", "positional_embedding", "transformer.resblocks.0.mlp.c_fc.weight")
        refuse_missing({*HEADS, *(f"backbone.{name}" for name in shaping)} - set(state), file)
        package = transformers()
        self._net = package.CLIPVisionModel(package.CLIPVisionConfig(**vision_config(state)))
        published = {name: published_name(name) for name in self._net.state_dict()}
        refuse_missing({name for name, _ in published.values()} - set(state), file)
        self._net.load_state_dict(
            {
                name: state[there] if third is None else state[there].chunk(3)[third]
                for name, (there, third) in published.items()
            }
        )
        self._net.eval().requires_grad_(False)
        self._heads_DE = [state[name] for name in HEADS]

    @torch.no_grad()
    def describe(self, frame: Frame) -> Descriptors:
        """The frame's descriptors."""
        features_1D = self._net(CLIP_VIEW(frame)).pooler_output
        return Descriptors(*(F.normalize(features_1D @ head, dim=1)[0] for head in self._heads_DE))


csd = cache(Csd)
"""One for each folder, so that both metrics share what it sees in a frame."""


def _likeness(kind: str) -> Callable[[Reference], Callable[[Look], float]]:
    """By the descriptor of that name."""

    def begin(reference: Reference) -> Callable[[Look], float]:
        net = csd(folder(CSD_L14))
        styles = [getattr(net.describe(style), kind) for style in reference.styles]

        def measure(look: Look) -> float:
            output = getattr(look.in_output(net.describe), kind)
            return fmean(float(output @ style) for style in styles)

        return measure

    return begin


METRICS = tuple(
    FrameMetric(
        key=key,
        protocol=protocol,
        needs=frozenset({"style"}),
        check_weights=partial(check, CSD_L14),
        begin=_likeness(kind),
    )
    for key, protocol, kind in (("csd", CSD, "style"), ("content-leakage", CONTENT_LEAKAGE, "content"))
)
