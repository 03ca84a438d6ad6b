"""Files of ratings that are taken, and those that are not."""

import json
from pathlib import Path

import pytest

from impasto.errors import InputError, UnreadableInput
from impasto.evaluation.study.ratings import Rating, Ratings, read_ratings
from tests.evaluation.study.toys import toy_key

KEY = toy_key(raters=3, pairs_per_rater=4, questions=("A?", "B?"))
ANSWER = {"trial": 3, "question": 1, "answer": "equal", "seconds": 2.5, "at": "2026-11-21T10:00:00Z"}


@pytest.fixture
def saved(tmp_path: Path):
    """Writes a file as the page would, or with other content."""

    def write(name: str = "ratings-2.json", **other: object) -> Path:
        held = {"format": "study-ratings 1", "study": "toy", "rater": 2, "ratings": [ANSWER], **other}
        (tmp_path / name).write_text(json.dumps(held))
        return tmp_path / name

    return write


def test_takes_what_the_page_saved(saved):
    files = [saved(), saved("ratings-1.json", rater=1, ratings=[])]
    rating = Rating(trial=3, question=1, answer="equal", seconds=2.5)
    assert read_ratings(files, KEY) == [Ratings(rater=1, answers=[]), Ratings(rater=2, answers=[rating])]


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ({"study": "alien"}, "is of study 'alien', the key of 'toy'"),
        ({"rater": 0}, "is of rater 0, but the study has raters 1 to 3"),
        ({"rater": 4}, "is of rater 4"),
        ({"rater": "2"}, "is of rater '2'"),
        ({"rater": None}, "is of rater None"),
        ({"ratings": [{**ANSWER, "trial": 4}]}, "'trial': 4.*answers no question of rater 2"),
        ({"ratings": [{**ANSWER, "trial": -1}]}, "answers no question"),
        ({"ratings": [{**ANSWER, "trial": True}]}, "answers no question"),
        ({"ratings": [{**ANSWER, "question": 2}]}, "answers no question"),
        ({"ratings": [{**ANSWER, "answer": "both"}]}, "answers no question"),
        ({"ratings": [{**ANSWER, "answer": ["left"]}]}, "answers no question"),
        ({"ratings": [{**ANSWER, "seconds": -1}]}, "answers no question"),
        ({"ratings": [{**ANSWER, "seconds": float("nan")}]}, "answers no question"),
        ({"ratings": [{"trial": 1}]}, "answers no question"),
        ({"ratings": ["left"]}, "answers no question"),
        ({"ratings": None}, "answers no question"),
        ({"ratings": [ANSWER, ANSWER]}, "answers question 1 of pair 3 twice"),
    ],
)
def test_refuses_answers_that_do_not_belong(saved, other, sentence):
    with pytest.raises(InputError, match=f"ratings-2.json'.*{sentence}"):
        read_ratings([saved(**other)], KEY)


def test_refuses_a_rater_twice(saved):
    with pytest.raises(InputError, match=r"ratings-2\.json' and '.*copy\.json' are both of rater 2; give one"):
        read_ratings([saved(), saved("copy.json")], KEY)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b'{"format": "study-ratings 1", "rat', "is broken JSON"),
        (b"\xff\xfe", "is broken JSON"),
        (b"[" * 100_000, "is broken JSON"),
        (b"[]", "holds no ratings"),
        (b'{"format": "study-key 1"}', "holds no ratings"),
    ],
)
def test_refuses_files_of_another_kind(tmp_path, text, sentence):
    (tmp_path / "x.json").write_bytes(text)
    with pytest.raises(UnreadableInput, match=f"x.json' {sentence}"):
        read_ratings([tmp_path / "x.json"], KEY)


def test_refuses_no_file(tmp_path):
    with pytest.raises(InputError, match="No file of ratings is given"):
        read_ratings([], KEY)
    with pytest.raises(UnreadableInput, match=r"none\.json' cannot be read"):
        read_ratings([tmp_path / "none.json"], KEY)
