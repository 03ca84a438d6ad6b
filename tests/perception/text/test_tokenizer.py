"""Sub-words: what goes in comes out, and nothing breaks them."""

import string

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from impasto.perception.text.tokenizer import LONGEST, NO_WORD, SPECIAL, UNKNOWN, learn_pieces, new_tokenizer, tokenize
from tests.perception.text.toy import PIECES, TEXTS

TOKENIZER = new_tokenizer(PIECES)


def pieces(text: str) -> list[str]:
    return TOKENIZER.encode(text).tokens[1:-1]


@settings(deadline=None)
@given(st.lists(st.text(string.ascii_letters + string.digits, min_size=1, max_size=12), max_size=4))
def test_any_word_comes_back_in_lower_case(words: list[str]):
    joined = " ".join(pieces(" ".join(words))).replace(" ##", "")
    assert joined == " ".join(words).lower()


def test_frequent_words_are_whole_and_accents_do_not_count():
    assert pieces("A red BOAT") == ["a", "red", "boat"]
    assert pieces("hoùse") == pieces("house") == ["house"]


@pytest.mark.parametrize(
    ("text", "unknown"), [("😀", 1), ("梵高", 2), ("a 😀 boat", 1), ("Zdzisław", 0), ("\x00\ud7ff", 1)]
)
def test_strange_characters_are_unknown_tokens(text: str, unknown: int):
    assert pieces(text).count(UNKNOWN) == unknown


def test_the_same_texts_give_the_same_vocabulary():
    assert learn_pieces(TEXTS, 320) == PIECES
    assert tuple(PIECES[: len(SPECIAL)]) == SPECIAL
    assert len(set(PIECES)) == len(PIECES) <= 320


def test_tokens_know_their_word_and_their_padding():
    tokens = tokenize(TOKENIZER, ["stormy boats, red", ""])
    assert tokens.padding.sum(1).tolist() == [0, tokens.ids.shape[1] - 2]
    first = tokens.words[0].tolist()
    assert first[0] == first[-1] == NO_WORD
    assert first[1:-1] == sorted(first[1:-1])
    assert set(first[1:-1]) == {0, 1, 2, 3}
    assert (tokens.words[1] == NO_WORD).all()
    assert torch.equal(tokens.ids == 0, tokens.padding)


def test_a_long_text_loses_its_end():
    tokens = tokenize(TOKENIZER, ["red", "red " * 100, "red " * (LONGEST - 2)])
    assert tokens.ids.shape == (3, LONGEST)
    assert tokens.cut == (1,)
    assert torch.equal(tokens.ids[1], tokens.ids[2])
