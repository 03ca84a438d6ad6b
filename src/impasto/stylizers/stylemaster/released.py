"""The authors' released weights (KwaiVGI/StyleMaster, text-to-video on Wan 2.1 1.3B) in the names of this package.

Known from the released code: `k_img`, `v_img` (weight, bias) and `norm_k_img` (weight) in `blocks.N.cross_attn`, and
sizes and order of all parts. Marked `assumed` below: the names inside `style_model` and `image_proj_model`, which were
never seen. What does not fit is refused, and named.

What stays different from their code, whatever the weights:

* it chose patches by UMT5 features pooled to the width of CLIP's, two spaces that have nothing in common; here both are
  CLIP's (`RELEASED` keeps their choice of the *most* similar, the paper has the least). What is told of the kept is
  theirs: the last hidden state of ViT-H/14, `StyleFeatures.texture`; its first token, of no patch, is left out;
* it fed the embedding of a shuffled copy of the style picture; here the picture is as it is;
* it fed that embedding at its own length, here at that of a picture with numbers of size 1. A layer norm follows.

The files are pickles, which are never read here: write their tensors with `safetensors.torch.save_file` first, the
names unchanged, those of `image_proj_model.ckpt` with `image_proj_model.` before them.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from impasto.diffusion.attachments import load_own_state
from impasto.errors import ModelError
from impasto.stylizers.stylemaster.config import StyleMasterConfig
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.projector import ProjectorConfig
from impasto.stylizers.stylemaster.texture import QFormerConfig
from impasto.stylizers.stylemaster.tokens import TokenConfig

RELEASED = StyleMasterConfig(
    tokens=TokenConfig(
        width=4096,
        source="embedding",
        choice="most",
        count=14,
        span_bias=True,
        projector=ProjectorConfig(embedding=1024),
        texture=QFormerConfig(embedding=1280, queries=2, width=1280, depth=3, heads=8),
    ),
    motion=None,
    control=None,
)

_SPAN = {"k_img": "to_k", "v_img": "to_v", "norm_k_img": "norm_k"}
_NAMES = (
    (r"blocks\.(\d+)\.cross_attn\.(k_img|v_img|norm_k_img)\.(weight|bias)", r"blocks.\1.attn2.style.{\2}.\3"),
    (r"image_proj_model\.proj\.(weight|bias)", r"tokens.global_tokens.expand.\1"),  # assumed
    (r"image_proj_model\.norm\.(weight|bias)", r"tokens.global_tokens.norm.\1"),  # assumed
    (r"style_model\.ln_pre\.(weight|bias)", r"tokens.texture.enter_norm.\1"),  # assumed
    (r"style_model\.ln_post\.(weight|bias)", r"tokens.texture.norm.\1"),  # assumed
    (r"style_model\.layers\.(\d+)\.ln_1\.(weight|bias)", r"tokens.texture.blocks.\1.attention_norm.\2"),  # assumed
    (r"style_model\.layers\.(\d+)\.ln_2\.(weight|bias)", r"tokens.texture.blocks.\1.mlp_norm.\2"),  # assumed
    (
        r"style_model\.layers\.(\d+)\.attn\.in_proj_(weight|bias)",
        r"tokens.texture.blocks.\1.query_key_value.\2",
    ),  # assumed
    (r"style_model\.layers\.(\d+)\.attn\.out_proj\.(weight|bias)", r"tokens.texture.blocks.\1.attended.\2"),  # assumed
    (r"style_model\.layers\.(\d+)\.mlp\.0\.(weight|bias)", r"tokens.texture.blocks.\1.up.\2"),  # assumed
    (r"style_model\.layers\.(\d+)\.mlp\.2\.(weight|bias)", r"tokens.texture.blocks.\1.down.\2"),  # assumed
)


def converted(released: Mapping[str, Tensor], outputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The state of the part `style` of a `StyleMaster` of `RELEASED`, from tensors of the released files.

    Args:
        released: of both files; the base's own weights may be among them.
        outputs: the base's state, of which the style takes `blocks.N.attn2.to_out.0.weight`: theirs leaves through the
            output of the text.

    Raises:
        ModelError: no tensor is one of theirs, or some have no place (says the first few).
    """
    state, unknown = {}, []
    for name, value in released.items():
        place = _place(name)
        if place:
            state[place] = value
        elif name == "style_model.query":  # assumed
            state["tokens.texture.queries"] = value.squeeze(0)
        elif name == "style_model.proj":  # assumed: a matrix from 1280 to 4096, to the right of the tokens
            state["tokens.leave.weight"], state["tokens.leave.bias"] = value.T, torch.zeros(value.shape[1])
            # Their patches have the width of the Q-Former and enter as they are.
            state["tokens.texture.enter.weight"] = torch.eye(value.shape[0])
            state["tokens.texture.enter.bias"] = torch.zeros(value.shape[0])
        elif name.startswith(("style_model.", "image_proj_model.")) or "_img." in name:
            unknown.append(name)
    if unknown or not state:
        some = ", ".join(sorted(unknown or released)[:3])
        raise ModelError(f"These are not the released weights of StyleMaster as they are known here: {some}.")
    for number in {name.split(".")[1] for name in state if name.startswith("blocks.")}:
        # Style and text are added before one output; the sum of two outputs is the same, without a second bias.
        state[f"blocks.{number}.attn2.style.to_out.weight"] = outputs[f"blocks.{number}.attn2.to_out.0.weight"]
    return state


def load_released(transformer: WanTransformer3DModel, base: str, paths: Sequence[Path]) -> StyleMaster:
    """A `StyleMaster` of `RELEASED` with the weights in files of the authors' tensors.

    Raises:
        ModelError: a file cannot be read, or does not hold what is known of theirs.
    """
    released: dict[str, Tensor] = {}
    for path in paths:
        try:
            released |= load_file(path)
        except (SafetensorError, OSError) as error:
            raise ModelError(f"{str(path)!r} cannot be read; convert it anew, as docs/weights.md says.") from error
    outputs = dict(transformer.state_dict())
    model = StyleMaster(transformer, base, RELEASED)
    load_own_state(model.parts["style"], converted(released, outputs), str(paths[0]))
    return model


def _place(name: str) -> str | None:
    for pattern, place in _NAMES:
        if match := re.fullmatch(pattern, name):
            return match.expand(place).format(**_SPAN)
    return None
