"""`stylemaster-nano` at toy size: random weights of the embedded classes in a folder, and all that a user does."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from impasto.cli import main
from impasto.diffusion.embedded import BASE, VAE
from impasto.errors import ModelError
from impasto.perception.clipnano import WEIGHTS
from impasto.perception.encoder import WEIGHTS as ENCODER
from impasto.perception.text.weights import TEXT
from impasto.stylizers.registry import DEFAULT_MAKER, find_model
from impasto.stylizers.stylemaster.published import NANO_PARTS, NANO_WEIGHTS
from impasto.stylizers.stylemaster.stylizer import STEPS
from impasto.training.stylemaster.embedding import RECIPES, embed
from impasto.video.pictures import read_picture
from impasto.video.source import open_source
from impasto.weights.paths import cache_dir
from tests.clips import make_clip
from tests.training.stylemaster.toyworld import forget, toy_parts, write_weights


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights, made once."""
    folder = tmp_path_factory.mktemp("weights")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("IMPASTO_WEIGHTS_DIR", str(folder))
        write_weights(folder)
        toy_parts().save(folder / NANO_PARTS, as_bytes=True)
    return folder


@pytest.fixture(autouse=True)
def weights(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "weights"
    shutil.copytree(made, folder)
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(folder))
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    monkeypatch.setitem(STEPS, "draft", 2)
    forget()
    yield folder
    forget()


def run(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


def test_a_video_and_a_picture_are_repainted(tmp_path: Path, painting: Path):
    clip, picture = make_clip(tmp_path / "in.mkv", frames=20), tmp_path / "in.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (40, 56, 3), np.uint8)).save(picture)
    given = "--style", painting, "--model", "stylemaster-nano", "--preset", "draft", "--prompt", "a sea"
    assert run("stylize", clip, *given, "-o", tmp_path / "out.mkv") == 0
    assert len(list(open_source(tmp_path / "out.mkv").frames())) == 20  # more than a window
    assert set(json.loads((tmp_path / "out.run.json").read_text())["model"]["weights"]) == set(NANO_WEIGHTS)
    assert run("stylize", picture, *given, "-o", tmp_path / "out.png") == 0
    painted, source = (read_picture(path)[0] for path in (tmp_path / "out.png", picture))
    assert painted.shape == source.shape
    assert np.abs(painted.astype(int) - source).mean() > 1


def test_clips_and_pictures_are_made_without_naming_the_model(tmp_path: Path, painting: Path):
    assert DEFAULT_MAKER == "stylemaster-nano"
    given = "generate", "--prompt", "a sea", "--style", painting, "--preset", "draft", "--size", "48x32"
    assert run(*given, "-o", tmp_path / "clip.mkv") == 0
    assert len(list(open_source(tmp_path / "clip.mkv").frames())) == 17
    assert run(*given, "-o", tmp_path / "picture.png") == 0
    assert read_picture(tmp_path / "picture.png")[0].shape == (32, 48, 3)


def test_it_needs_what_the_embedded_parts_are_called():
    assert set(NANO_WEIGHTS) == {VAE, BASE, NANO_PARTS, WEIGHTS, ENCODER, TEXT}


def test_what_is_missing_is_said_with_the_recipes_that_make_it(weights: Path, tmp_path, painting, monkeypatch, capsys):
    monkeypatch.setattr("impasto.weights.paths.EMBEDDED", weights)
    for name in (BASE, NANO_PARTS):
        (weights / name).unlink()
    assert run("generate", "--prompt", "a sea", "-o", tmp_path / "out.mkv") == 3
    said = capsys.readouterr().err
    assert f"'{BASE}', '{NANO_PARTS}'" in said
    assert "`impasto train nano-base`, then `impasto train stylemaster-nano`" in said
    assert not list(tmp_path.glob("out*"))


def test_it_is_listed_as_experimental(capsys):
    assert run("models", "--json") == 0
    listed = {model["name"]: model["experimental"] for model in json.loads(capsys.readouterr().out)}
    assert (listed["stylemaster-nano"], listed["swift"]) == (True, False)
    assert run("models") == 0
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("stylemaster-nano")]
    assert "experimental" in line


def test_the_recipe_puts_the_parts_together(weights: Path):
    with pytest.raises(ModelError, match="`impasto train stylemaster-style`, `impasto train stylemaster-motion`"):
        list(embed(weights / NANO_PARTS))
    parts = toy_parts()
    for part in RECIPES:
        parts.save(cache_dir() / "stylemaster" / f"{part}.safetensors", part)
    (weights / NANO_PARTS).unlink()
    (progress,) = embed(weights / NANO_PARTS)
    assert progress.bytes == (weights / NANO_PARTS).stat().st_size
    find_model("stylemaster-nano").load("draft")
