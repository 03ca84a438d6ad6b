"""Texts as Wan reads them: features of UMT5's encoder (Wan 2025, section 4.2).

Legend: B texts, L tokens, D channels.
"""

from collections.abc import Sequence
from typing import Any

import torch
from diffusers.pipelines.wan.pipeline_wan import prompt_clean
from torch import Tensor
from transformers import UMT5EncoderModel

from impasto.diffusion.conditions import padded

TOKENS = 512
"""That the transformer is given for every text; what a text has more is cut off."""


class TextReader:
    """The encoder with its tokenizer: what `WanPipeline.encode_prompt` gives, for 512 tokens."""

    def __init__(self, encoder: UMT5EncoderModel, tokenizer: Any) -> None:
        self.encoder, self._tokenizer = encoder, tokenizer

    @torch.no_grad()
    def __call__(self, texts: Sequence[str]) -> Tensor:
        """[B, 512, D], zeros after each text, where the encoder is; the empty text has one token."""
        # Padded to the longest, not to 512: no token attends to what is padded, and a short text is read at once.
        tokens = self._tokenizer(
            [prompt_clean(text) for text in texts],
            padding=True,
            truncation=True,
            max_length=TOKENS,
            return_tensors="pt",
        ).to(self.encoder.device)
        features_BLD = self.encoder(tokens.input_ids, tokens.attention_mask).last_hidden_state
        counts = tokens.attention_mask.sum(1).tolist()
        return padded([row[:count] for row, count in zip(features_BLD, counts, strict=True)], TOKENS)
