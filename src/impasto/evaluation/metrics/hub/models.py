"""The published networks that metrics look with.

Each commit is one that has the weights as safetensors; sizes are as the hub shows them.
"""

from dataclasses import replace

from impasto.stylizers.feedforward import published
from impasto.weights.hub import HubFile, HubModel

_CONFIG = HubFile("config.json", 4_500)
_VOCABULARY = (HubFile("vocab.json", 862_328), HubFile("merges.txt", 524_619))


def _weights(size: int) -> HubFile:
    return HubFile("model.safetensors", size)


CLIP_L14 = HubModel(
    repository="openai/clip-vit-large-patch14",
    revision="32bd64288804d66eefd0ccbe215aa642df71cc41",
    files=(_CONFIG, _weights(1_710_540_580), *_VOCABULARY),
    licence="MIT",
)
CLIP_B32 = replace(published.CLIP_B32, files=published.CLIP_B32.files[:2])
"""Its pictures alone."""
CSD_L14 = HubModel(
    repository="tomg-group-umd/CSD-ViT-L",
    files=(_weights(1_219_000_000),),
    licence="CC-BY-4.0",
    conversion="made from its pytorch_model.bin (about 2.4 GB): the `model_state_dict` in it, names unchanged, written "
    "by `safetensors.torch.save_file`",
)
AESTHETIC_HEAD = HubModel(
    repository="LAION-AI/aesthetic-predictor",
    files=(HubFile("sa_0_4_vit_l_14_linear.safetensors", 3_300),),
    licence="MIT",
    conversion="made from sa_0_4_vit_l_14_linear.pth of github.com/LAION-AI/aesthetic-predictor: its `weight` and "
    "`bias`, written by `safetensors.torch.save_file`",
)
DINOV2_B14 = HubModel(
    repository="facebook/dinov2-base",
    revision="f9e44c814b77203eaa57a6bdbbd535f21ede1415",
    files=(_CONFIG, _weights(346_345_912)),
    licence="Apache-2.0",
)
DINO_B16 = HubModel(
    repository="facebook/dino-vitb16",
    # The hub's own conversion: the main branch has no safetensors.
    revision="a77533c84408875b30b5e8beb766c82a5be82bf4",
    files=(_CONFIG, _weights(343_000_000)),
    licence="Apache-2.0",
)
DINO_B8 = HubModel(
    repository="facebook/dino-vitb8",
    revision="6bd5b7757e4224b035fe579f31fb816985e18e35",
    files=(_CONFIG, _weights(343_000_000)),
    licence="Apache-2.0",
)
XCLIP_B32 = HubModel(
    repository="microsoft/xclip-base-patch32",
    revision="a2e27a78a2b5d802e894b8a1ef14f3a8ce490963",
    files=(_CONFIG, _weights(786_000_000), *_VOCABULARY),
    licence="MIT",
)
VGG19 = HubModel(
    repository="timm/vgg19.tv_in1k",
    revision="128d4708565b3a414bcbb9bbad440b2fe37b9f18",
    files=(_weights(575_000_000),),
    licence="BSD-3-Clause",
)
