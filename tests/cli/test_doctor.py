"""What this machine can do."""

import json
from dataclasses import replace

from impasto.job import doctor
from impasto.stylizers import registry


def test_the_doctor_finds_what_the_main_job_needs(impasto, monkeypatch, toy):
    monkeypatch.setattr(registry, "MODELS", {"toy": toy})
    ran = impasto("doctor")
    assert ran.code == 0, ran.out
    for name in ("python", "torch", "openvino", "encoder libx264", "model toy", "cache folder", "assets folder"):
        assert name in ran.out
    assert all(finding["ok"] or not finding["needed"] for finding in json.loads(impasto("doctor", "--json").out))


def test_missing_weights_are_told_with_what_to_do(impasto, monkeypatch, toy):
    monkeypatch.setattr(registry, "MODELS", {"bare": replace(toy, name="bare", weights=("none.safetensors",))})
    ran = impasto("doctor")
    assert ran.code == 1
    assert "weights missing" in ran.out
    assert "IMPASTO_WEIGHTS_DIR" in ran.out


def test_a_missing_package_is_told(monkeypatch):
    monkeypatch.setattr(doctor, "NEEDED_PACKAGES", ("no-such-package",))
    (finding,) = [finding for finding in doctor.examine() if finding.name == "no-such-package"]
    assert (finding.ok, finding.needed, finding.advice) == (False, True, "pip install impasto")


def test_a_cache_folder_that_cannot_be_made_is_told(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "file" / "cache"))
    (finding,) = [finding for finding in doctor.examine() if finding.name == "cache folder"]
    assert not finding.ok
