"""From a style picture and a prompt to what the transformer is given.

Legend: B clips, L text tokens, D channels of tokens, T frames, C channels, H height, W width, h w of latents.
"""

from collections.abc import Callable

import torch
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import Tensor

from impasto.diffusion.conditions import Conditions
from impasto.stylizers.stylemaster.controlpictures import prepared
from impasto.stylizers.stylemaster.jointspace import JointSpace
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.tokens import StyleFeatures


def look(space: JointSpace, style_BCHW: Tensor, prompt: str) -> StyleFeatures:
    """What is seen in style pictures, beside what is to be painted."""
    seen = space.picture(style_BCHW)
    text_BE = space.text([prompt]).expand(len(style_BCHW), -1)
    return StyleFeatures(seen.pooled, seen.patches, text_BE, seen.hidden)


def no_picture(transformer: WanTransformer3DModel, like_BCThw: Tensor) -> dict[str, Tensor]:
    """Zeros for the inputs that an image-to-video base has beside text, so that it paints from the text alone.

    Args:
        like_BCThw: latents of the clip.
    """
    config, batch = transformer.config, len(like_BCThw)
    extra = config["in_channels"] - like_BCThw.shape[1]
    zeros = {"image": like_BCThw.new_zeros(batch, extra, *like_BCThw.shape[2:])} if extra else {}
    if config["image_dim"]:
        # One token is as good as many: equal ones share the attention.
        zeros["picture"] = like_BCThw.new_zeros(batch, 1, config["image_dim"])
    return zeros


@torch.no_grad()
def conditions_for(
    model: StyleMaster,
    space: JointSpace,
    style_1CHW: Tensor | None,
    prompt: str,
    text_1LD: Tensor,
    noise_1CThw: Tensor,
    encode: Callable[[Tensor], Tensor] | None = None,
    frames_TCHW: Tensor | None = None,
) -> Conditions:
    """All that one clip is painted by; what is None, or what the model has no part for, is left out.

    Args:
        style_1CHW: the style picture, in [0, 1], of any size.
        prompt: what is to be painted; patches that show it are not taken for texture.
        text_1LD: features of the prompt, of the base's text encoder.
        noise_1CThw: from which it is painted.
        encode: from pictures [T, 3, H, W] in [0, 1] to normalised latents [1, C, T, h, w].
        frames_TCHW: the clip to repaint.
    """
    style = control = None
    if style_1CHW is not None and model.tokens:
        style = model.style_tokens(look(space, style_1CHW, prompt))
    if frames_TCHW is not None and encode and model.config.control:
        control = encode(prepared(frames_TCHW, model.config.control.preparation, model.config.control.factor))
    blank = no_picture(model.transformer, noise_1CThw)
    return Conditions(text=text_1LD, style=style, control=control, **blank)
