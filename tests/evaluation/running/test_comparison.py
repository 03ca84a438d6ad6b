"""Comparisons from a list, and what a run record adds to one."""

import json

import pytest

from impasto.errors import UnreadableInput
from impasto.evaluation.running.comparison import Comparison, read_list
from impasto.evaluation.running.fromrecord import completed
from impasto.job.hashing import sha256_of


def listed(tmp_path, value):
    path = tmp_path / "list.json"
    path.write_text(value if isinstance(value, str) else json.dumps(value))
    return path


def test_paths_of_a_list_begin_at_its_folder(tmp_path):
    items = [{"output": "a.mp4", "source": "in/b.mp4", "styles": ["s.png"], "prompt": "ink"}, {"output": "/c.mp4"}]
    first, second = read_list(listed(tmp_path, items))
    assert first == Comparison(
        output=tmp_path / "a.mp4", source=tmp_path / "in/b.mp4", styles=(tmp_path / "s.png",), prompt="ink"
    )
    assert str(second.output) == "/c.mp4"
    assert (first.given, second.given) == ({"source", "style", "prompt"}, frozenset())


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON"),
        ({}, "no JSON list"),
        ([], "no JSON list"),
        ([{"output": "a.mp4"}, {"source": "b.mp4"}], "Item 2 .* has no 'output'"),
        ([{"output": "a.mp4", "sources": "b.mp4"}], "'sources'"),
        ([{"output": "a.mp4", "prompt": 7}], "7"),
        ([{"output": "a.mp4", "styles": [None]}], "None"),
    ],
)
def test_a_list_that_is_none(tmp_path, value, part):
    with pytest.raises(UnreadableInput, match=part):
        read_list(listed(tmp_path, value))


@pytest.fixture
def painted(tmp_path):
    """An output with its run record, and all that the record names beside it."""
    for name in ("out.mp4", "in.mp4", "style.png"):
        (tmp_path / name).write_text(name)
    record = {
        "output": {"path": "somewhere/out.mp4"},
        "input": {"path": "in.mp4", "sha256": sha256_of(tmp_path / "in.mp4")},
        "guidance": {
            "prompt": "in ink",
            "first_frame": None,
            "styles": [{"image": "style.png", "name": None}, {"image": None, "name": "olive-trees"}],
        },
        "pictures": {"style.png": sha256_of(tmp_path / "style.png")},
    }
    (tmp_path / "out.run.json").write_text(json.dumps(record))
    return tmp_path / "out.mp4"


def test_what_is_not_given_comes_from_the_record(painted):
    folder = painted.parent
    found, notes = completed(Comparison(output=painted))
    assert found == Comparison(
        output=painted, source=folder / "in.mp4", styles=(folder / "style.png",), prompt="in ink"
    )
    assert len(notes) == 4
    assert "'olive-trees'" in notes[2]


def test_what_is_given_stays(painted, tmp_path):
    given = Comparison(output=painted, source=tmp_path / "x.mp4", styles=(tmp_path / "x.png",), prompt="oil")
    assert completed(given) == (given, [])


def test_a_file_that_changed_since_is_not_taken(painted):
    (painted.parent / "in.mp4").write_text("another")
    found, notes = completed(Comparison(output=painted))
    assert found.source is None
    assert "'in.mp4', which is not there as it was" in notes[0]


def test_the_record_of_another_output_says_nothing(painted, tmp_path):
    other = Comparison(output=tmp_path / "out.mkv")
    assert completed(other) == (other, [])


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"output": {"path": "out.mp4"}, "guidance": 3, "pictures": {}}'])
def test_a_broken_record_is_told(painted, text):
    painted.with_suffix(".run.json").write_text(text)
    found, (note,) = completed(Comparison(output=painted))
    assert found == Comparison(output=painted)
    assert "no run record that can be understood" in note


def test_no_record_is_nothing_to_tell(tmp_path):
    alone = Comparison(output=tmp_path / "out.mp4")
    assert completed(alone) == (alone, [])
