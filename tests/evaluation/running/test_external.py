"""Figures of other tools."""

import json
from pathlib import Path

import pytest

from impasto.errors import UnreadableInput
from impasto.evaluation.running.external import read_external

PROTOCOL = {"tool": "VBench", "version": "0.1.5", "settings": {"frames": "all", "side": 224}}
FIGURE = {"metric": "subject consistency", "value": 0.93, "clip": "out.mp4", "protocol": PROTOCOL}
OUTPUTS = [Path("results/out.mp4"), Path("results/other.mp4")]


def written(tmp_path, value) -> Path:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(value))
    return path


def test_a_figure_keeps_its_protocol(tmp_path):
    commit = {**PROTOCOL, "settings": "plain", "commit": "abc123"}
    del commit["version"]
    first, second = read_external(
        written(tmp_path, [FIGURE, {"metric": "FID", "value": 20, "protocol": commit}]), OUTPUTS
    )
    assert (first.tool, first.version, first.settings) == ("VBench", "0.1.5", "frames all, side 224")
    assert (second.version, second.settings, second.clip) == ("abc123", "plain", "")
    assert [first.of(output) for output in OUTPUTS] == [True, False]
    assert not any(second.of(output) for output in OUTPUTS)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"value": "good"}, "'good'"),
        ({"value": float("nan")}, "nan"),
        ({"value": True}, "True"),
        ({"metric": ""}, "metric"),
        ({"protocol": "VBench"}, "protocol"),
        ({"protocol": {**PROTOCOL, "tool": " "}}, "tool"),
        ({"protocol": {**PROTOCOL, "version": ""}}, "version"),
        ({"protocol": {**PROTOCOL, "settings": {}}}, "settings"),
        ({"clip": "none.mp4"}, "'none.mp4'"),
        ({"clip": 3}, "clip"),
    ],
)
def test_a_figure_without_what_it_needs_is_refused(tmp_path, change, part):
    with pytest.raises(UnreadableInput, match=part):
        read_external(written(tmp_path, [{**FIGURE, **change}]), OUTPUTS)


def test_what_is_no_list_of_figures(tmp_path):
    for value in (FIGURE, [3]):
        with pytest.raises(UnreadableInput):
            read_external(written(tmp_path, value), OUTPUTS)
    with pytest.raises(UnreadableInput, match="cannot be read"):
        read_external(tmp_path / "none.json", OUTPUTS)
