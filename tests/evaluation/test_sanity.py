"""The sanity table: its cases, what it expects, its verdicts and its page."""

import json
from fractions import Fraction

import cv2
import numpy as np
import pytest

from impasto.evaluation.fixture.embedded import embedded_metrics
from impasto.evaluation.fixture.madeclip import MadeClip
from impasto.evaluation.metrics import catalog
from impasto.evaluation.metrics.catalog import metrics
from impasto.evaluation.metrics.metric import FrameMetric
from impasto.evaluation.sanity.cases import CASES, DRIFT, NOISE, PAINTED
from impasto.evaluation.sanity.expectations import EXPECTATIONS
from impasto.evaluation.sanity.measure import measure_case
from impasto.evaluation.sanity.verdicts import movement, verdicts
from tests.cli.conftest import impasto

__all__ = ["impasto"]

BY_KEY = {case.key: case for case in CASES}


def toy(name: str = "toy", prompt: str = "short", seed: int = 0) -> MadeClip:
    rng = np.random.default_rng(seed)
    sources, outputs = rng.integers(60, 190, (2, 6, 32, 48, 3), np.uint8)
    style = rng.integers(0, 255, (40, 40, 3), np.uint8)
    return MadeClip(
        name=name, about="", fps=Fraction(8), sources=list(sources), outputs=list(outputs), style=style, prompt=prompt
    )


def changed(key: str) -> np.ndarray:
    """[T, H, W, 3]"""
    return np.stack(BY_KEY[key].change(toy(), np.random.default_rng(0))).astype(int)


OUTPUTS, SOURCES = (np.stack(getattr(toy(), kind)).astype(int) for kind in ("outputs", "sources"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.key)
def test_a_case_has_as_many_frames_of_the_same_kind_and_leaves_the_clip_as_it_was(case):
    clip = toy()
    frames = case.change(clip, np.random.default_rng(0))
    assert [(frame.shape, frame.dtype) for frame in frames] == [((32, 48, 3), np.uint8)] * 6
    np.testing.assert_array_equal(clip.outputs, OUTPUTS)


def test_what_each_case_does():
    np.testing.assert_array_equal(changed("unpainted"), SOURCES)
    assert abs(changed("half") - (OUTPUTS + SOURCES) / 2).max() <= 0.5
    np.testing.assert_array_equal(changed("colours"), OUTPUTS[..., [1, 2, 0]])
    assert np.var(changed("blur")) < np.var(OUTPUTS) / 2
    assert np.std(changed("noise") - OUTPUTS) / 255 == pytest.approx(NOISE, rel=0.05)
    assert np.corrcoef(*(changed("noise") - OUTPUTS).reshape(6, -1)[:2])[0, 1] == pytest.approx(0, abs=0.05)
    assert any((frame != before).any() for frame, before in zip(changed("shuffled"), OUTPUTS, strict=True))
    assert sorted(map(bytes, changed("shuffled"))) == sorted(map(bytes, OUTPUTS))
    assert {bytes(frame) for frame in changed("frozen")} == {bytes(OUTPUTS[3])}
    np.testing.assert_allclose((changed("drift") - OUTPUTS)[-1].mean((0, 1)) / 255, [DRIFT, 0, -DRIFT], atol=0.002)
    np.testing.assert_array_equal(changed("drift")[0], OUTPUTS[0])
    small = cv2.resize(toy().style, (24, 16), interpolation=cv2.INTER_AREA)
    pasted = changed("pasted")
    np.testing.assert_array_equal(pasted[:, 16:, 24:], np.broadcast_to(small, (6, 16, 24, 3)))
    pasted[:, 16:, 24:] = OUTPUTS[:, 16:, 24:]
    np.testing.assert_array_equal(pasted, OUTPUTS)
    assert len({bytes(frame) for frame in changed("style")}) == 1


def test_what_is_expected_names_cases_and_metrics_that_there_are():
    named = {case for expectation in EXPECTATIONS.values() for case in expectation.moves}
    assert named == set(BY_KEY)
    assert all(expectation.moves and expectation.reason for expectation in EXPECTATIONS.values())
    assert list(EXPECTATIONS) == list(embedded_metrics())


def test_a_movement_counts_from_a_share_of_the_range_on():
    values = [0.0, 1.0, 0.5, "inf", None]
    assert movement(0.5, 0.506, values) == "up"
    assert movement(0.5, 0.494, values) == "down"
    assert movement(0.5, 0.504, values) == "same"
    assert movement(0.5, "inf", values) == "up"
    assert movement(0.5, None, values) is None
    assert movement(0.5, 0.5, [0.5]) == "same"


def test_a_case_is_right_only_where_every_clip_is():
    painted = {"one": 0.5, "two": 0.5}
    cases = {"noise": {"one": 0.1, "two": 0.1}, "half": {"one": 0.9, "two": 0.2}, "blur": {"one": 0.6, "two": None}}
    noise, half, blur = verdicts({"noise": "down", "half": "up", "blur": "up"}, painted, cases)
    assert (noise.word, noise.wrong) == ("right", 0)
    assert (half.word, half.wrong) == ("wrong", 1)
    assert blur.word == "not measured"


def test_a_wrong_prompt_is_that_of_another_clip_and_is_asked_of_those_who_read_it():
    length = FrameMetric(
        key="length",
        protocol=metrics()["psnr"].protocol,
        needs=frozenset({"prompt"}),
        begin=lambda reference: lambda look: float(len(reference.prompt)),
    )
    clips = [toy("a", "three"), toy("b", "eleven more", 1)]
    asked = [metrics()["psnr"], length]
    assert measure_case(PAINTED, clips, asked, print)["length"] == {"a": 5.0, "b": 11.0}
    assert measure_case(BY_KEY["prompt"], clips, asked, print) == {"length": {"a": 11.0, "b": 5.0}}


@pytest.fixture
def quick(monkeypatch, tmp_path):
    """No data folder, and four metrics: two that move well, one that never moves, one without weights."""
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path / "none"))
    known = metrics()
    stuck = FrameMetric(
        key="ssim",
        protocol=known["ssim"].protocol,
        needs=frozenset({"source"}),
        begin=lambda reference: lambda look: 0.5,
    )
    monkeypatch.setattr(catalog, "CATALOG", ((known["psnr"], stuck, known["match-nano"], known["flicker"]),))
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    monkeypatch.setattr("impasto.weights.paths.EMBEDDED", tmp_path)


@pytest.mark.usefixtures("quick")
def test_the_command_tells_good_metrics_from_bad_ones(impasto, tmp_path):
    ran = impasto("evaluate", "table", "sanity", "--quick", "-o", "tables", "--json")
    assert ran.code == 0, ran.err
    told = json.loads(ran.out)
    assert json.loads((tmp_path / "tables" / "sanity.json").read_text()) == told
    assert told["command"] == "impasto evaluate table sanity --quick"
    rows = {row["metric"]: row for row in told["rows"]}
    states = {metric: row["state"] for metric, row in rows.items()}
    assert states == {"psnr": "reliable", "ssim": "unreliable", "match-nano": "not measured", "flicker": "reliable"}
    assert rows["psnr"]["values"]["unpainted"] == {"harbour": "inf", "things": "inf"}
    page = (tmp_path / "tables" / "sanity.md").read_text()
    assert "2 of 3 metrics" in page
    assert "| `ssim` | **unreliable** | **wrong** on 2 of 2 |" in page
    assert "Not measured: `match-nano`. The weights" in page


def test_quick_verdicts_stay_out_of_the_documentation(impasto):
    ran = impasto("evaluate", "table", "sanity", "--quick")
    assert ran.code == 2
    assert "-o" in ran.sentence
