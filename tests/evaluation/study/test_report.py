"""The files that a score becomes."""

import json
import sys
from xml.etree import ElementTree

import pytest

from impasto.errors import OutputProblem
from impasto.evaluation.study.plot import draw_plot
from impasto.evaluation.study.report import score_page, write_report
from impasto.evaluation.study.score import StudyScore, score_study
from impasto.job.plain import plain
from tests.evaluation.study.toys import simulated, toy_key

METHODS = ("plain", "a|b", "$x_1$")


@pytest.fixture(scope="module")
def score() -> StudyScore:
    key = toy_key(METHODS, raters=4, pairs_per_rater=20)
    return score_study(key, simulated(key, (2, 0, -2), 0.3, seed=0))


def test_writes_all_files(score, tmp_path):
    assert write_report(score, tmp_path / "new" / "scores") == []
    written = {path.name: path.read_text() for path in (tmp_path / "new" / "scores").iterdir()}
    assert set(written) == {"scores.json", "scores.md", "scores.svg"}
    assert json.loads(written["scores.json"]) == plain(score)
    ElementTree.fromstring(written["scores.svg"])
    assert all(method in written["scores.svg"] for method in METHODS)


def test_the_page_holds_every_figure(score):
    lines = score_page(score).splitlines()
    (question,) = score.questions
    for each in question.methods:
        name = each.method.replace("|", "\\|")
        figures = f"{each.score:+.2f} | {each.low:+.2f} to {each.high:+.2f} | {each.wins} | {each.ties} | {each.losses}"
        assert f"| {name} | {figures} |" in lines
    tables = [line.replace("\\|", "") for line in lines if line.startswith("|")]
    assert {line.count("|") for line in tables[:5]} == {7}
    assert {line.count("|") for line in tables[5:]} == {5}
    assert "Agreement (alpha)" in "\n".join(lines)
    assert all(f"* {sentence}" in lines for sentence in score.protocol)


def test_a_plot_is_the_same_each_time(score, tmp_path):
    for name in ("a.svg", "b.svg", "c.png"):
        draw_plot(score, tmp_path / name)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "c.png").read_bytes().startswith(b"\x89PNG")


def test_without_matplotlib_there_is_no_plot_and_a_note(score, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    (note,) = write_report(score, tmp_path)
    assert "matplotlib is not installed" in note
    assert {path.name for path in tmp_path.iterdir()} == {"scores.json", "scores.md"}
    assert "svg" not in (tmp_path / "scores.md").read_text()


def test_a_file_where_the_folder_should_be(score, tmp_path):
    (tmp_path / "scores").write_text("")
    with pytest.raises(OutputProblem, match="scores"):
        write_report(score, tmp_path / "scores")
