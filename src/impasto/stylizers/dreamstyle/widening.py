"""An image-to-video transformer from one of text alone: Wan 2.1 has none of 1.3B.

The patch embedding gets 20 more channels, for mask and image, and every cross-attention a picture branch; both begin so
that the wider transformer gives what the other gave, whatever they are fed.
"""

from dataclasses import replace

import torch
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import nn

from impasto.diffusion.conditions import MASK_CHANNELS
from impasto.diffusion.configs import WAN_1_3B, WAN_14B_I2V, DiffusionConfig, TransformerConfig

ENTRANCE = ("patch_embedding.", "condition_embedder.image_embedder.", "add_k_proj.", "add_v_proj.", "norm_added_k.")
"""What in the names of weights marks those by which image and picture enter."""


def widened_config(config: TransformerConfig, image_dim: int) -> TransformerConfig:
    """The sizes of `config` with image channels and a picture branch."""
    return replace(config, in_channels=2 * config.in_channels + MASK_CHANNELS, image_dim=image_dim)


WAN_1_3B_I2V: DiffusionConfig = replace(
    WAN_1_3B,
    name="wan-1.3b-widened",
    transformer=widened_config(WAN_1_3B.transformer, WAN_14B_I2V.transformer.image_dim or 0),
    parameters=replace(
        WAN_1_3B.parameters, transformer=1_564_428_608, picture_encoder=WAN_14B_I2V.parameters.picture_encoder
    ),
)


@torch.no_grad()
def widened(narrow: WanTransformer3DModel, image_dim: int) -> WanTransformer3DModel:
    """The wider transformer, with the weights of the narrow one, in its precision and on its device.

    Args:
        image_dim: channels of picture tokens.
    """
    config = {name: value for name, value in narrow.config.items() if not name.startswith("_")}
    config["in_channels"] = 2 * config["in_channels"] + MASK_CHANNELS
    width = config["num_attention_heads"] * config["attention_head_dim"]
    wide = WanTransformer3DModel(**{**config, "image_dim": image_dim, "added_kv_proj_dim": width})
    like = narrow.patch_embedding.weight
    nn.Module.to(wide, like.device)
    old = narrow.state_dict()
    patches = old.pop("patch_embedding.weight")
    for name, value in wide.state_dict().items():
        if name in old:
            value.copy_(old[name])
        elif name == "patch_embedding.weight":
            value.zero_()
            value[:, : patches.shape[1]] = patches
        elif "add_v_proj" in name:
            value.zero_()  # so that the branch gives nothing, and all of it can learn
    for name, value in wide.named_parameters():
        value.data = value.data.to(old[name].dtype if name in old else like.dtype)
    return wide.eval().requires_grad_(False)


def entrance(transformer: WanTransformer3DModel) -> dict[str, nn.Module]:
    """The modules by which image and picture enter, by place."""
    marks = tuple(f".{mark}" for mark in ENTRANCE)
    names = [name for name, _ in transformer.named_modules() if f".{name}.".endswith(marks)]
    return {name: transformer.get_submodule(name) for name in names}
