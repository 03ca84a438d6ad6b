"""Qwen2.5-VL (Bai 2025) by transformers, whose own processor of videos, which wants torchvision, is not used.

Legend: N pictures, L tokens.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoTokenizer, Qwen2_5_VLForConditionalGeneration, Qwen2VLImageProcessorPil

from impasto.curation.endpoint import WORDS
from impasto.diffusion.memory import best_device
from impasto.video.types import Picture
from impasto.weights.hub import HubFile, HubModel, fetched
from impasto.weights.pretrained import load_network, load_reader

QWEN = HubModel(
    repository="Qwen/Qwen2.5-VL-7B-Instruct",
    files=(
        HubFile("config.json", 1_400),
        HubFile("generation_config.json", 220),
        HubFile("preprocessor_config.json", 350),
        HubFile("tokenizer.json", 7_030_000),
        HubFile("tokenizer_config.json", 5_700),
        HubFile("vocab.json", 2_780_000),
        HubFile("merges.txt", 1_670_000),
        HubFile("model.safetensors.index.json", 57_600),
        *(HubFile(f"model-{number:05d}-of-00005.safetensors", 3_320_000_000) for number in range(1, 6)),
    ),
    licence="Apache-2.0",
)
PICTURE, START, END = "<|image_pad|>", "<|vision_start|>", "<|vision_end|>"
ORDER = (
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
    "<|im_start|>user\n{}{}<|im_end|>\n<|im_start|>assistant\n"
)
"""The chat template of the model, filled by hand."""


class Qwen:
    """The model of a folder, a `VisionLanguage`; raises `ModelError` where it cannot be read."""

    def __init__(self, place: Path, dtype: torch.dtype = torch.bfloat16, words: int = WORDS) -> None:
        self._net = load_network(Qwen2_5_VLForConditionalGeneration, place, dtype).to(best_device())
        self._look = load_reader(Qwen2VLImageProcessorPil, place)
        self._tokenizer = load_reader(AutoTokenizer, place)
        self._words = words

    @torch.no_grad()
    def __call__(self, pictures: Sequence[Picture], question: str) -> str:
        """Its likeliest answer."""
        order = ORDER.format(f"{START}{PICTURE}{END}" * len(pictures), question)
        given = given_to(self._net, self._look, self._tokenizer, pictures, order)
        out_1L = self._net.generate(**given, max_new_tokens=self._words, do_sample=False)
        answer = out_1L[:, given["input_ids"].shape[1] :]
        return self._tokenizer.batch_decode(answer, skip_special_tokens=True)[0].strip()


def given_to(net: Any, look: Any, tokenizer: Any, pictures: Sequence[Picture], text: str) -> dict[str, Tensor]:
    """What the network takes of pictures and of a text that has a `PICTURE` for each of them, on its device."""
    seen = look(images=list(pictures), return_tensors="pt")
    grid_N3, merged = seen["image_grid_thw"], look.merge_size**2
    begin, *rest = text.split(PICTURE)
    text = begin + "".join(
        PICTURE * (int(grid.prod()) // merged) + after for grid, after in zip(grid_N3, rest, strict=True)
    )
    tokens = tokenizer([text], return_tensors="pt")
    given = {"input_ids": tokens.input_ids, "attention_mask": tokens.attention_mask, "image_grid_thw": grid_N3}
    # Where pictures are among the tokens: 1.
    given["mm_token_type_ids"] = (tokens.input_ids == net.config.image_token_id).int()
    given["pixel_values"] = seen["pixel_values"].to(net.dtype)
    return {name: value.to(net.device) for name, value in given.items()}


def load() -> Qwen:
    """The model; raises `ModelError` where files are missing and may not or cannot be fetched."""
    return Qwen(fetched(QWEN))
