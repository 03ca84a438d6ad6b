"""From a style picture and a prompt to what the transformer is given.

Legend: B clips, S style tokens, D channels of tokens, T frames, C channels, H height, W width, h w of latents.
"""

from collections.abc import Callable

from torch import Tensor

from impasto.stylizers.stylemaster.controlpictures import prepared
from impasto.stylizers.stylemaster.jointspace import JointSpace
from impasto.stylizers.stylemaster.model import StyleMaster
from impasto.stylizers.stylemaster.tokens import StyleFeatures


def look(space: JointSpace, style_BCHW: Tensor, prompt: str) -> StyleFeatures:
    """What is seen in style pictures, beside what is to be painted."""
    seen = space.picture(style_BCHW)
    text_BE = space.text([prompt]).expand(len(style_BCHW), -1)
    return StyleFeatures(seen.pooled, seen.patches, text_BE, seen.hidden)


def style_of(model: StyleMaster, space: JointSpace, style_1CHW: Tensor, prompt: str) -> Tensor | None:
    """Style tokens [1, S, D] of a picture in [0, 1] of any size; None where the model has none.

    Args:
        prompt: what is to be painted; patches that show it are not taken for texture.
    """
    if not model.tokens:
        return None
    device = next(model.tokens.parameters()).device
    seen = look(space, style_1CHW, prompt)
    return model.style_tokens(seen.to(device))


def control_of(model: StyleMaster, frames_TCHW: Tensor, encode: Callable[[Tensor], Tensor]) -> Tensor | None:
    """Latents [1, C, T, h, w] of what the control branch sees of a clip; None where the model has none.

    Args:
        encode: from pictures [T, 3, H, W] in [0, 1] to normalised latents.
    """
    config = model.config.control
    return encode(prepared(frames_TCHW, config.preparation, config.factor)) if config else None
