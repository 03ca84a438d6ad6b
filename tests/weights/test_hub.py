"""Where the weights of published networks are looked for, and what is said where they are missing."""

import socket
from dataclasses import replace
from pathlib import Path

import pytest

from impasto.errors import ModelError
from impasto.weights.hub import HubFile, HubModel, folder

COMMIT = "0123456789abcdef0123456789abcdef01234567"
MODEL = HubModel(
    repository="painter/net-large",
    revision=COMMIT,
    files=(HubFile("config.json", 4_500), HubFile("model.safetensors", 1_710_540_580)),
    licence="MIT",
)


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cache of the user, no setting, no network."""
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("IMPASTO_WEIGHTS_DIR", raising=False)

    def refuse(*_: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def put(place: Path, *names: str) -> Path:
    place.mkdir(parents=True)
    for name in names:
        (place / name).write_bytes(b"")
    return place


def snapshot(tmp_path: Path, commit: str) -> Path:
    return tmp_path / "cache" / "models--painter--net-large" / "snapshots" / commit


def test_takes_the_folder_of_the_models_name(tmp_path, monkeypatch):
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path / "weights"))
    place = put(tmp_path / "weights" / "net-large", "config.json", "model.safetensors")
    put(snapshot(tmp_path, COMMIT), "config.json", "model.safetensors")
    assert folder(MODEL) == place


def test_takes_the_cache_where_the_folder_is_not_complete(tmp_path, monkeypatch):
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path / "weights"))
    put(tmp_path / "weights" / "net-large", "config.json")
    place = put(snapshot(tmp_path, COMMIT), "config.json", "model.safetensors")
    assert folder(MODEL) == place


def test_takes_the_commit_and_no_other(tmp_path):
    put(snapshot(tmp_path, COMMIT[::-1]), "config.json", "model.safetensors")
    with pytest.raises(ModelError):
        folder(MODEL)


def test_takes_the_main_branch_where_no_commit_is_known(tmp_path):
    place = put(snapshot(tmp_path, COMMIT), "config.json", "model.safetensors")
    refs = put(place.parents[1] / "refs", "main")
    (refs / "main").write_text(COMMIT)
    assert folder(replace(MODEL, revision=None)) == place


def test_an_incomplete_cache_does_not_count(tmp_path):
    put(snapshot(tmp_path, COMMIT), "model.safetensors")
    with pytest.raises(ModelError):
        folder(MODEL)


def test_says_which_files_how_large_where_and_how():
    with pytest.raises(ModelError) as raised:
        folder(MODEL)
    assert str(raised.value) == (
        "The weights of painter/net-large (MIT) are missing: put config.json (about 4 kB) and model.safetensors (about "
        "1.7 GB) into $IMPASTO_WEIGHTS_DIR/net-large, or fetch them once with `hf download painter/net-large "
        f"config.json model.safetensors --revision {COMMIT}`."
    )


def test_says_how_files_are_made_that_no_hub_has(tmp_path, monkeypatch):
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))
    model = replace(MODEL, files=(HubFile("head.safetensors", 3_300_000),), conversion="made from head.bin")
    with pytest.raises(ModelError) as raised:
        folder(model)
    assert f"head.safetensors (about 3.3 MB) into {tmp_path / 'net-large'}, made from head.bin." in str(raised.value)
    assert "hf download" not in str(raised.value)
