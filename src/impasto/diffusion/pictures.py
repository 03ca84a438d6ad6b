"""Pictures as CLIP sees them, and the tokens that Wan's image-to-video transformer takes of them.

Legend: B pictures, N tokens, D channels, C colours, H height, W width.
"""

from typing import Any

import torch
from torch import Tensor
from transformers import CLIPVisionModel


class PictureReader:
    """CLIP's ViT-H/14 with its processor: what `WanImageToVideoPipeline.encode_image` gives."""

    def __init__(self, encoder: CLIPVisionModel, processor: Any) -> None:
        self.encoder, self._processor = encoder, processor

    @torch.no_grad()
    def __call__(self, rgb_BCHW: Tensor) -> Tensor:
        """Hidden states before the last layer, [B, N, D], of pictures in [0, 1]; the first token is of no patch."""
        pixels = processed(self._processor, rgb_BCHW).to(self.encoder.device, self.encoder.dtype)
        return self.encoder(pixels, output_hidden_states=True).hidden_states[-2]


def processed(processor: Any, rgb_BCHW: Tensor) -> Tensor:
    """What a processor of the library makes of pictures in [0, 1], [B, C, 224, 224] for CLIP: the middle squares."""
    bytes_BHWC = (255 * rgb_BCHW.float().clamp(0, 1)).round().to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
    return processor(images=list(bytes_BHWC), return_tensors="pt").pixel_values
