"""Vision-language models: behind an address, and Qwen2.5-VL as a tiny random network of the same class."""

from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2VLImageProcessorPil,
)

from impasto.curation.endpoint import Endpoint
from impasto.curation.routes.route import Pair
from impasto.curation.vlm import find_vlm
from impasto.curation.vlm.looking import ALIKE, PLAIN, SAME, STYLED, WHOLE, answers, plain_caption, styled_caption
from impasto.curation.vlm.qwen import END, PICTURE, START, Qwen
from impasto.errors import ModelError, UnsupportedOption
from tests.curation.endpoint import serving
from tests.curation.toy import panning

FRAMES = np.stack(panning(0, 5))


def test_an_endpoint_sees_the_pictures_as_they_are_and_its_words_come_back(monkeypatch):
    monkeypatch.setenv("IMPASTO_ENDPOINT_KEY", "secret")
    seen = []

    def say(question: str, pictures: list[np.ndarray]) -> str:
        seen.extend(pictures)
        return f"  heard: {question} \n"

    with serving(say) as heard:
        assert Endpoint(heard.address)([FRAMES[0], FRAMES[4]], "What is it?") == "heard: What is it?"
    np.testing.assert_array_equal(seen, FRAMES[[0, 4]])
    (asked,) = heard.chats
    assert (asked["model"], asked["temperature"]) == ("toy-vl", 0)
    assert heard.keys == ["Bearer secret"]


def test_captions_are_asked_of_moments_with_and_without_style():
    with serving(lambda question, pictures: f"{len(pictures)} {question[-20:]}") as heard:
        vlm = Endpoint(heard.address)
        assert plain_caption(vlm, FRAMES) == f"3 {PLAIN[-20:]}".strip()
        assert styled_caption(vlm, FRAMES) == f"3 {STYLED[-20:]}".strip()


def test_questions_count_by_their_share_of_yes():
    pair = Pair(FRAMES, 255 - FRAMES, [FRAMES[0], FRAMES[1]], {})
    said = {SAME: "Yes.", WHOLE: "**no**, a limb is broken", ALIKE: '"YES"'}
    with serving(lambda question, pictures: said[question]) as heard:
        assert answers(Endpoint(heard.address), pair) == pytest.approx(2 / 3)
    assert [len(chat["messages"][0]["content"]) - 1 for chat in heard.chats] == [2, 1, 2]


def test_pictures_are_edited_at_their_own_size():
    with serving() as heard:
        edited = Endpoint(heard.address).edited(FRAMES[0], "Turn it around", 3)
    np.testing.assert_array_equal(edited, 255 - FRAMES[0])
    assert heard.edits == ["Turn it around"]


def test_what_does_not_answer_or_says_something_else_is_told(monkeypatch):
    with serving(lambda question, pictures: "yes") as heard:
        address = heard.address
        with pytest.raises(ModelError, match="does not answer"):
            Endpoint(address.replace("/v1", "/v2"))([FRAMES[0]], "?")
        monkeypatch.setattr(Endpoint, "_post", lambda *about: {"error": "no such model"})
        with pytest.raises(ModelError, match="no such model"):
            Endpoint(address)([FRAMES[0]], "?")
    monkeypatch.undo()
    with pytest.raises(ModelError, match="does not answer"):
        Endpoint(address)([FRAMES[0]], "?")
    with pytest.raises(UnsupportedOption, match="names no model"):
        find_vlm("http://localhost:1/v1")
    with pytest.raises(UnsupportedOption, match="looks at nothing"):
        find_vlm("quen")


# Qwen


def save_qwen(place: Path) -> None:
    """Knows single bytes and its special tokens."""
    torch.manual_seed(0)
    names = [PICTURE, START, END, "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|video_pad|>"]
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    ids = {letter: number for number, letter in enumerate(letters)}
    inner = Tokenizer(models.BPE(ids, []))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, pad_token="<|endoftext|>", eos_token="<|im_end|>")
    tokenizer.add_special_tokens({"additional_special_tokens": names})
    tokenizer.save_pretrained(place)
    special = {name: tokenizer.convert_tokens_to_ids(name) for name in names}
    text = {
        "vocab_size": len(tokenizer),
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "rope_parameters": {"rope_type": "default", "mrope_section": [1, 1, 2], "rope_theta": 10000.0},
        "max_position_embeddings": 1024,
    }
    vision = {"depth": 2, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2, "out_hidden_size": 16}
    vision |= {"fullatt_block_indexes": [1], "patch_size": 14, "window_size": 28}
    config = Qwen2_5_VLConfig(
        text_config=text,
        vision_config=vision,
        image_token_id=special[PICTURE],
        video_token_id=special["<|video_pad|>"],
        vision_start_token_id=special[START],
        vision_end_token_id=special[END],
    )
    Qwen2_5_VLForConditionalGeneration(config).save_pretrained(place)
    Qwen2VLImageProcessorPil(min_pixels=28 * 28, max_pixels=28 * 28 * 16).save_pretrained(place)


def test_qwen_says_something_of_pictures_and_of_others_something_else(tmp_path: Path):
    save_qwen(tmp_path)
    qwen = Qwen(tmp_path, torch.float32, words=8)
    hidden = []
    qwen._net.model.visual.register_forward_hook(lambda module, inputs, output: hidden.append(inputs))
    one = qwen([FRAMES[0], FRAMES[4]], "What is it?")
    assert isinstance(one, str)
    assert hidden
    assert qwen([FRAMES[0], FRAMES[4]], "What is it?") == one
    with pytest.raises(ModelError, match="There is no model in"):
        Qwen(tmp_path / "none")
