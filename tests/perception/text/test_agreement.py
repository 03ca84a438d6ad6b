"""The figures of `python -m benchmarks.textencoder`."""

import pytest
import torch

from benchmarks.textencoder import PARAPHRASES, common_words, recall, spearman


def test_only_the_ranks_of_different_texts_count():
    torch.manual_seed(0)
    vectors = torch.randn(8, 4)
    similarities = vectors @ vectors.T
    assert spearman(similarities.exp().fill_diagonal_(0), similarities) == pytest.approx(1)
    assert spearman(-similarities, similarities) == pytest.approx(-1)


def test_recall_counts_the_paraphrases_that_come_first():
    assert recall(torch.eye(4)) == 1
    assert recall(torch.eye(4)[[0, 2, 1, 3]]) == 0.5


def test_words_in_common():
    assert common_words(["a red boat"], ["a boat", "the sea"])[0].tolist() == pytest.approx([2 / 3, 0])


def test_every_phrase_has_one_paraphrase():
    pairs = [line.split(" = ") for line in PARAPHRASES.strip().splitlines()]
    assert {len(pair) for pair in pairs} == {2}
    assert len({text for pair in pairs for text in pair}) == 2 * len(pairs)
