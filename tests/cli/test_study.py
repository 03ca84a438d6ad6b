"""`impasto evaluate study` from the folders of results to the scores."""

import json

import numpy as np
import pytest
from PIL import Image


@pytest.fixture
def folders(tmp_path):
    for number, method in enumerate(("good", "fair", "bad")):
        (tmp_path / method).mkdir()
        for case in ("cat", "dog", "hen"):
            Image.fromarray(np.full((16, 24, 3), 80 * number, np.uint8)).save(tmp_path / method / f"{case}.png")


@pytest.fixture
def sent_back(impasto, folders, tmp_path):
    """A study of four raters, all of whom prefer `good` to `fair` to `bad`, and are back."""
    arguments = ["good=good", "fair=fair", "bad=bad", "-o", "study", "--raters", 4, "--question", "Which is finer?"]
    made = impasto("evaluate", "study", "make", *arguments, "--pairs-per-rater", 12)
    key = json.loads((tmp_path / "study-key.json").read_text())
    order = ("good", "fair", "bad")
    for rater, trials in enumerate(key["raters"], 1):
        ratings = [
            {
                "trial": number,
                "question": 0,
                "answer": "left" if order.index(trial["left"]) < order.index(trial["right"]) else "right",
                "seconds": 3.0,
            }
            for number, trial in enumerate(trials)
        ]
        held = {"format": "study-ratings 1", "study": key["study"], "rater": rater, "ratings": ratings}
        (tmp_path / f"ratings-{rater}.json").write_text(json.dumps(held))
    return made


FILES = [f"ratings-{rater}.json" for rater in range(1, 5)]


def test_make_says_what_to_send_and_what_to_keep(sent_back, tmp_path):
    assert sent_back.code == 0
    assert "study: 3 methods on 3 cases, 10 pairs for each rater." in sent_back.out
    assert "index.html?rater=1" in sent_back.out
    assert "study-key.json says which method is which" in sent_back.out
    assert "Preparing: 9/9 files" in sent_back.err
    assert {path.name for path in (tmp_path / "study").iterdir()} == {"index.html", "media"}


def test_score_prints_a_table_and_writes_files(sent_back, impasto, tmp_path):
    ran = impasto("evaluate", "study", "score", "study-key.json", *FILES, "-o", "scores")
    assert ran.code == 0
    lines = ran.out.splitlines()
    assert lines[0] == "4 of 4 raters, 40 of their 40 answers."
    assert "Which is finer?" in lines
    assert [line.split()[0] for line in lines[4:7]] == ["good", "fair", "bad"]
    assert "Agreement (alpha) 1.00; self-consistency 100% of 4 repeated pairs." in lines
    assert {path.name for path in (tmp_path / "scores").iterdir()} == {"scores.json", "scores.md", "scores.svg"}


def test_score_prints_json(sent_back, impasto):
    ran = impasto("evaluate", "study", "score", "study-key.json", "ratings-3.json", "--json")
    scored = json.loads(ran.out)
    assert (scored["raters"], scored["invited"], scored["expected"]) == (1, 4, 10)
    (question,) = scored["questions"]
    assert [each["method"] for each in question["methods"]] == ["good", "fair", "bad"]
    assert question["methods"][0]["low"] is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "needs two methods or more and has 0;"),
        (("good=good",), "needs two methods or more and has 1;"),
        (("good", "bad=bad"), "'good' is not METHOD=FOLDER"),
        (("=good", "bad=bad"), "'=good' is not METHOD=FOLDER"),
        (("good=", "bad=bad"), "'good=' is not METHOD=FOLDER"),
        (("good=good", "good=bad"), "Method 'good' is given twice"),
        (("good=good", "bad=nowhere"), "No such folder: 'nowhere'"),
        (("good=good", "bad=bad", "--sources", "nowhere"), "No such folder: 'nowhere'"),
        (("good=good", "bad=bad", "--raters", "0"), "0 raters make no study"),
        (("good=good", "bad=bad", "--question", ""), "A question is empty"),
    ],
)
def test_make_refuses(impasto, folders, tmp_path, arguments, sentence):
    before = sorted(tmp_path.rglob("*"))
    ran = impasto("evaluate", "study", "make", *arguments, "-o", "study")
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.sentence
    assert ran.err.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_make_refuses_a_folder_that_does_not_exist(impasto, folders, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    ran = impasto("evaluate", "study", "make", "good=good", "bad=bad", "-o", "nowhere/study")
    assert ran.code == 2
    assert "does not exist; create it first" in ran.sentence
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["none.json", *FILES], "'none.json' cannot be read"),
        (["ratings-1.json", *FILES], "'ratings-1.json' is not the key of a study"),
        (["study-key.json"], "No file of ratings is given"),
        (["study-key.json", "ratings-1.json", "ratings-1.json"], "are both of rater 1"),
        (["study-key.json", "study-key.json"], "'study-key.json' holds no ratings"),
        (["study-key.json", "study/index.html"], "'study/index.html' is broken JSON"),
    ],
)
def test_score_refuses(sent_back, impasto, tmp_path, arguments, sentence):
    ran = impasto("evaluate", "study", "score", *arguments, "-o", "scores")
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.sentence
    assert not (tmp_path / "scores").exists()


def test_help_ends_with_an_example(impasto):
    for command in ((), ("make",), ("score",)):
        assert "Example: impasto evaluate study" in impasto("evaluate", "study", *command, "--help").out
