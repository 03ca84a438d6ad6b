"""What this machine can do."""

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from impasto.job import checks, doctor
from impasto.stylizers import registry
from tests.clips import make_clip


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
    assert (finding.ok, finding.needed, finding.advice) == (False, True, "pip install . in Impasto's folder")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("stylize clip.mp4 --style the-wave --model dreamstyle-nano -o out.mp4", "Model 'dreamstyle-nano'"),
        ("plan clip.mp4 --style the-wave --model stylemaster-nano -o out.mp4", "Model 'stylemaster-nano'"),
        ("generate --prompt boat -o out.mp4", "Model 'stylemaster-nano'"),
        ("stylize clip.mp4 --prompt oil --refine -o out.mp4", "--refine"),
    ],
)
def test_without_the_extra_for_diffusion_it_is_told_in_one_sentence(impasto, tmp_path, monkeypatch, command, told):
    make_clip(tmp_path / "clip.mp4", frames=3)
    monkeypatch.setattr(checks, "DIFFUSION_PACKAGES", ("diffusers", "no_such_package"))
    ran = impasto(*command.split())
    assert ran.code == 3
    assert f"{told} needs no_such_package, not installed here; run pip install '.[diffusion]'" in ran.sentence


def test_the_extra_for_diffusion_is_what_the_package_says():
    extras = tomllib.loads(Path("pyproject.toml").read_text())["project"]["optional-dependencies"]
    names = {re.split(r"[<>=]", requirement)[0] for requirement in extras["diffusion"]}
    assert names == set(checks.DIFFUSION_PACKAGES)


def test_the_doctor_looks_for_the_extra_for_diffusion(monkeypatch):
    monkeypatch.setattr(checks, "DIFFUSION_PACKAGES", ("diffusers", "no_such_package"))
    found = {finding.name: finding for finding in doctor.examine()}
    assert (found["model dreamstyle-nano"].ok, found["model swift"].ok) == (False, True)
    assert "diffusion" in found["model dreamstyle-nano"].advice


def test_a_cache_folder_that_cannot_be_made_is_told(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IMPASTO_CACHE", str(tmp_path / "file" / "cache"))
    (finding,) = [finding for finding in doctor.examine() if finding.name == "cache folder"]
    assert not finding.ok
