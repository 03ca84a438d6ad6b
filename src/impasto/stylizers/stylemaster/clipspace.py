"""The joint space at Wan's scale: CLIP ViT-H/14, of which the paper's 1024 numbers are (StyleMaster, section 3.2).

Legend: B pictures or texts, P patches, W the network's own channels, E numbers of a vector, C channels, H height, W
width.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from transformers import AutoTokenizer, CLIPImageProcessorPil, CLIPModel

from impasto.diffusion.pictures import processed
from impasto.perception.clipnano import PictureVectors
from impasto.weights.pretrained import load_network, load_reader


class ClipSpace:
    """A `JointSpace` of a `CLIPModel`.

    Args:
        hidden: whether `PictureVectors.hidden` is told as well.
    """

    def __init__(self, net: CLIPModel, processor: Any, tokenizer: Any, hidden: bool = False) -> None:
        self.net, self._processor, self._tokenizer, self._hidden = net, processor, tokenizer, hidden

    @torch.no_grad()
    def picture(self, rgb_BCHW: Tensor) -> PictureVectors:
        """Of the middle squares of pictures in [0, 1]."""
        net = self.net
        pixels = processed(self._processor, rgb_BCHW).to(net.device, net.dtype)
        seen = net.vision_model(pixels)
        hidden_BPW = seen.last_hidden_state[:, 1:]  # the first is of no patch
        # CLIP teaches only its first token to meet texts; patches go the same way to the joint space.
        patches_BPE = net.visual_projection(net.vision_model.post_layernorm(hidden_BPW))
        pooled_BE = F.normalize(net.visual_projection(seen.pooler_output).float(), dim=1)
        side = round(hidden_BPW.shape[1] ** 0.5)
        hidden = hidden_BPW.float() if self._hidden else None
        return PictureVectors(pooled_BE, patches_BPE.float(), (side, side), hidden)

    @torch.no_grad()
    def text(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors [B, E]; of a long text the first 77 tokens."""
        net = self.net
        longest = net.text_model.config.max_position_embeddings
        tokens = self._tokenizer(list(texts), padding=True, truncation=True, max_length=longest, return_tensors="pt")
        tokens = tokens.to(net.device)
        pooled = net.text_model(tokens.input_ids, tokens.attention_mask).pooler_output
        return F.normalize(net.text_projection(pooled).float(), dim=1)


def load_clip_space(place: Path, dtype: torch.dtype, hidden: bool = False) -> ClipSpace:
    """The space of a folder of a CLIP; raises `ModelError` where it cannot be read."""
    net = load_network(CLIPModel, place, dtype)
    return ClipSpace(net, load_reader(CLIPImageProcessorPil, place), load_reader(AutoTokenizer, place), hidden)
