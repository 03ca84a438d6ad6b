"""A teacher and a student at toy size."""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from transformers import BertConfig, BertModel

from impasto.perception.text.encoder import TextConfig, TextEncoder
from impasto.perception.text.teacher import TextTeacher
from impasto.perception.text.tokenizer import learn_pieces, new_tokenizer

TEXTS = [
    "a red boat and a blue house",
    "a blue boat and a red house",
    "an oil painting of a stormy sea",
    "impressionism, short strokes",
    "the cat sleeps on the sofa",
    "",
]
CONFIG = TextConfig(width=16, depth=2, heads=2, hidden=24, sentence=32)
PIECES = learn_pieces(TEXTS, 320)


def toy_encoder() -> TextEncoder:
    """Random, and with blocks that do something."""
    torch.manual_seed(0)
    encoder = TextEncoder(PIECES, CONFIG)
    for parameter in encoder.parameters():
        nn.init.normal_(parameter, std=0.5)
    return encoder.eval().requires_grad_(False)


def toy_teacher(folder: Path) -> TextTeacher:
    """A BERT of the teacher's classes, saved and loaded."""
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(PIECES),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        initializer_range=0.5,
    )
    config.to_json_file(folder / "config.json")
    state = BertModel(config, add_pooling_layer=False).state_dict()
    save_file(state | {"pooler.dense.bias": torch.zeros(32)}, folder / "model.safetensors")
    new_tokenizer(PIECES).save(str(folder / "tokenizer.json"))
    return TextTeacher(folder)
