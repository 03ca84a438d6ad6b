"""CSD from a checkpoint of the published layout, against CLIP's trunk as OpenAI wrote it down."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import Tensor, nn

from impasto.errors import ModelError
from impasto.evaluation.metrics.hub import csd as module
from impasto.evaluation.metrics.metric import Look, Reference
from tests.evaluation.metrics.hub.nets import PATCH, blocks, randomised, seen_by_clip

pytest.importorskip("transformers")

CSD, CONTENT_LEAKAGE = module.METRICS
WIDTH, HEADS, DESCRIPTOR = 128, 2, 24
STYLES, OUTPUT = (blocks(1), blocks(2)), blocks(3)


class Block(nn.Module):
    """Residual attention with queries, keys and values in one matrix."""

    def __init__(self) -> None:
        super().__init__()
        self.attn = nn.MultiheadAttention(WIDTH, HEADS, batch_first=True)
        self.ln_1, self.ln_2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(WIDTH, 40), "c_proj": nn.Linear(40, WIDTH)})

    def forward(self, x: Tensor) -> Tensor:
        y = self.ln_1(x)
        x = x + self.attn(y, y, y, need_weights=False)[0]
        y = self.mlp["c_fc"](self.ln_2(x))
        return x + self.mlp["c_proj"](y * torch.sigmoid(1.702 * y))


class Trunk(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTH, PATCH, PATCH, bias=False)
        self.class_embedding = nn.Parameter(torch.zeros(WIDTH))
        self.positional_embedding = nn.Parameter(torch.zeros(17, WIDTH))
        self.ln_pre, self.ln_post = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.transformer = nn.ModuleDict({"resblocks": nn.Sequential(Block(), Block(), Block())})

    def forward(self, picture: Tensor) -> Tensor:
        patches = self.conv1(picture).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.class_embedding.expand(len(patches), 1, -1), patches], 1) + self.positional_embedding
        return self.ln_post(self.transformer["resblocks"](self.ln_pre(tokens))[:, 0])


class Published(nn.Module):
    """The trunk, which CSD calls backbone, and its two heads."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Trunk()
        self.last_layer_style = nn.Parameter(torch.zeros(WIDTH, DESCRIPTOR))
        self.last_layer_content = nn.Parameter(torch.zeros(WIDTH, DESCRIPTOR))


def save(weights: Path, state: dict[str, Tensor]) -> None:
    (weights / "CSD-ViT-L").mkdir(parents=True)
    save_file(state, weights / "CSD-ViT-L" / "model.safetensors")


@pytest.mark.parametrize("prefix", ["", "module."])
@pytest.mark.parametrize(("metric", "head"), [(CSD, "last_layer_style"), (CONTENT_LEAKAGE, "last_layer_content")])
@torch.no_grad()
def test_is_the_cosine_of_the_published_networks_descriptors(weights, metric, head, prefix):
    net = randomised(Published())
    save(weights, {prefix + name: tensor for name, tensor in net.state_dict().items()})
    output, *styles = (net.backbone(seen_by_clip(frame)) @ getattr(net, head) for frame in (OUTPUT, *STYLES))
    expected = sum(F.cosine_similarity(output, style).item() for style in styles) / 2
    assert metric.begin(Reference(styles=STYLES))(Look(OUTPUT)) == pytest.approx(expected, abs=1e-5)


def test_the_two_heads_see_different_things(weights):
    save(weights, randomised(Published()).state_dict())
    likeness = [metric.begin(Reference(styles=STYLES))(Look(OUTPUT)) for metric in (CSD, CONTENT_LEAKAGE)]
    assert abs(likeness[0] - likeness[1]) > 0.01
    for metric in (CSD, CONTENT_LEAKAGE):
        assert metric.begin(Reference(styles=STYLES[:1]))(Look(STYLES[0])) == pytest.approx(1, abs=1e-5)


def test_the_published_sizes_make_the_published_network():
    """ViT-L/14 at 224 pixels: what its checkpoint's shapes must be read as."""
    empty = {
        "backbone.conv1.weight": torch.empty(1024, 3, 14, 14, device="meta"),
        "backbone.positional_embedding": torch.empty(257, 1024, device="meta"),
        "backbone.transformer.resblocks.0.mlp.c_fc.weight": torch.empty(4096, 1024, device="meta"),
        **{f"backbone.transformer.resblocks.{n}.attn.in_proj_weight": torch.empty(0, device="meta") for n in range(24)},
    }
    assert module.vision_config(empty) == {
        "hidden_size": 1024,
        "patch_size": 14,
        "image_size": 224,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "intermediate_size": 4096,
    }


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        ("last_layer_content", "1 tensors are missing .*: last_layer_content;"),
        ("backbone.conv1.weight", "1 tensors are missing .*: backbone.conv1.weight;"),
        (
            "backbone.transformer.resblocks.1.",
            r"12 tensors are missing .*: backbone.transformer.resblocks.1.attn\S+, \S+, \S+, \.\.\.;",
        ),
    ],
)
def test_names_what_a_checkpoint_of_another_layout_lacks(weights, lost, named):
    state = randomised(Published()).state_dict()
    save(weights, {name: tensor for name, tensor in state.items() if not name.startswith(lost)})
    with pytest.raises(ModelError, match=named):
        CSD.begin(Reference(styles=STYLES))
