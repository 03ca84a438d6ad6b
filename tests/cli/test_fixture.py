"""`impasto evaluate fixture`, as a user types it."""

import json

import pytest

from impasto.evaluation.fixture import expected
from impasto.evaluation.metrics import catalog
from impasto.evaluation.metrics.catalog import metrics


@pytest.fixture(autouse=True)
def two_metrics(monkeypatch):
    monkeypatch.setattr(catalog, "CATALOG", (tuple(metrics()[key] for key in ("psnr", "flicker")),))


def test_a_good_installation_ends_with_0_and_keeps_the_clips(impasto, tmp_path):
    ran = impasto("evaluate", "fixture", "-o", "kept")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines()[-1] == "10 of 10 numbers are as they should be."
    told = json.loads((tmp_path / "kept" / "fixture.json").read_text())
    assert told["ok"] is True
    assert {(check["clip"], check["verdict"]) for check in told["checks"]} == {
        (clip, "ok") for clip in ("still", "pan", "passing", "brighter", "flicker")
    }
    assert {path.name for path in (tmp_path / "kept" / "pan").iterdir()} == {"output.mkv", "source.mkv", "style.png"}


def test_a_number_that_differs_ends_with_1(impasto, tmp_path, monkeypatch):
    held = expected.read_expected()
    held["numbers"]["flicker"]["psnr"]["value"] += 1
    (tmp_path / "expected.json").write_text(json.dumps(held))
    monkeypatch.setattr(expected, "FILE", tmp_path / "expected.json")
    ran = impasto("evaluate", "fixture", "--json")
    assert ran.code == 1
    told = json.loads(ran.out)
    assert told["ok"] is False
    (wrong,) = [check for check in told["checks"] if check["verdict"] == "differs"]
    assert (wrong["clip"], wrong["metric"]) == ("flicker", "psnr")


def test_a_folder_with_something_in_it_is_refused(impasto, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "still").write_text("dear")
    ran = impasto("evaluate", "fixture", "-o", "mine")
    assert (ran.code, ran.out) == (2, "")
    assert "'mine' exists" in ran.sentence
    assert (tmp_path / "mine" / "still").read_text() == "dear"
