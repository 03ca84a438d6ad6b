"""Text as numbers of sub-words, as BERT reads it: lower case, no accents, whole words where the vocabulary has them.

WordPiece (Schuster and Nakajima 2012). A word with a character that the vocabulary lacks, such as an emoji or a Chinese
sign, is one unknown token.

Legend: B texts, L tokens.
"""

import string
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from tokenizers.processors import BertProcessing
from tokenizers.trainers import WordPieceTrainer
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

LONGEST = 64
"""Tokens of a text, the two at its ends among them; what is longer is cut."""
PADDING, UNKNOWN, BEGIN, END = SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
NO_WORD = -1
LETTERS = string.ascii_lowercase + string.digits + "æðøþđħıłœß"
"""Always in the vocabulary, at the start of a word and within; all others are unknown. Accents are gone by then."""
MARKS = string.punctuation + "\u2013\u2014\u2018\u2019\u201c\u201d"
"""Dashes and quotes of print among them; a mark is a word by itself."""


@dataclass(frozen=True)
class Tokens:
    ids: Tensor
    """[B, L]."""
    padding: Tensor
    """[B, L], true where a shorter text has no token."""
    words: Tensor
    """[B, L], which word of its text a token is a part of, from 0; `NO_WORD` at the ends and in the padding."""
    cut: tuple[int, ...]
    """Texts, by their place, that were too long and have lost their end."""


def tokenize(tokenizer: Tokenizer, texts: Iterable[str]) -> Tokens:
    """Run a tokenizer whose padding is token 0."""
    encodings = [tokenizer.encode(text) for text in texts]
    words = [[NO_WORD if word is None else word for word in encoding.word_ids] for encoding in encodings]
    lengths = torch.tensor([len(encoding.ids) for encoding in encodings])
    ids_BL = pad_sequence([torch.tensor(encoding.ids) for encoding in encodings], batch_first=True)
    return Tokens(
        ids=ids_BL,
        padding=torch.arange(ids_BL.shape[1]) >= lengths[:, None],
        words=pad_sequence([torch.tensor(row) for row in words], batch_first=True, padding_value=NO_WORD),
        cut=tuple(number for number, encoding in enumerate(encodings) if encoding.overflowing),
    )


def new_tokenizer(pieces: Sequence[str]) -> Tokenizer:
    """A tokenizer from its vocabulary: the special tokens, then sub-words, those inside a word begin with '##'.

    Raises:
        ValueError: the vocabulary does not begin with the special tokens.
    """
    if tuple(pieces[: len(SPECIAL)]) != SPECIAL:
        raise ValueError(f"The vocabulary begins with {list(pieces[: len(SPECIAL)])}, not with {list(SPECIAL)}.")
    numbers = {piece: number for number, piece in enumerate(pieces)}
    tokenizer = Tokenizer(WordPiece(numbers, unk_token=UNKNOWN))
    tokenizer.normalizer = BertNormalizer(strip_accents=True, lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = BertProcessing((END, numbers[END]), (BEGIN, numbers[BEGIN]))
    tokenizer.enable_truncation(LONGEST)
    return tokenizer


def learn_pieces(texts: Iterable[str], size: int) -> list[str]:
    """A vocabulary of `size` pieces for texts, for `new_tokenizer`; sorted, so that the same texts give the same."""
    tokenizer = new_tokenizer(SPECIAL)
    # Left to itself the trainer numbers letters within words at random, and pairs of equal count go by number.
    within = ["##" + letter for letter in LETTERS]
    alphabet = [*LETTERS, *MARKS]
    trainer = WordPieceTrainer(
        vocab_size=size,
        special_tokens=[*SPECIAL, *within],
        initial_alphabet=alphabet,
        limit_alphabet=len(alphabet),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return [*SPECIAL, *sorted(set(tokenizer.get_vocab()) - set(SPECIAL))]
