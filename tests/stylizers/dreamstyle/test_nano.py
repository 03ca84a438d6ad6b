"""`dreamstyle-nano` at toy size: random weights of the embedded classes in a folder, and all that a user does."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from impasto.cli import main
from impasto.diffusion.controls import FORMAT
from impasto.diffusion.embedded import BASE, VAE
from impasto.perception.clipnano import WEIGHTS
from impasto.perception.control.published import DEPTH_NANO
from impasto.perception.encoder import WEIGHTS as ENCODER
from impasto.perception.text.weights import TEXT
from impasto.stylizers.dreamstyle.nano import STEPS
from impasto.stylizers.dreamstyle.published import NANO_CONTROLS, NANO_FILE, NANO_WEIGHTS
from impasto.video.source import open_source
from tests.clips import make_clip, picture
from tests.training.dreamstyle.toypairs import toy_dreamstyle_nano
from tests.training.stylemaster.toyworld import forget, write_controls, write_weights


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights, made once."""
    folder = tmp_path_factory.mktemp("weights")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("IMPASTO_WEIGHTS_DIR", str(folder))
        write_weights(folder)
        toy_dreamstyle_nano().save(folder / NANO_FILE, as_bytes=True)
        write_controls(folder)
    return folder


@pytest.fixture(autouse=True)
def weights(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(made))
    monkeypatch.setenv("IMPASTO_OFFLINE", "1")
    monkeypatch.setitem(STEPS, "draft", 2)
    forget()
    yield
    forget()


def run(*arguments: str | Path) -> int:
    return main([str(argument) for argument in arguments])


def test_a_video_is_repainted_by_text_pictures_and_a_painted_first_frame(tmp_path: Path, painting: Path):
    clip, first = make_clip(tmp_path / "in.mkv", frames=20), tmp_path / "first.png"
    Image.fromarray(255 - picture(0, 64, 48)).save(first)
    model = "--model", "dreamstyle-nano", "--preset", "draft"
    frames = {}
    for name, given in {
        "text": ("--prompt", "a mosaic of a boat"),
        "style": ("--style", painting),
        "fused": ("--style", f"{painting}=2", "--style", first),
        "all": ("--prompt", "a mosaic", "--style", painting, "--first-frame", first),
    }.items():
        output = tmp_path / f"{name}.mkv"
        assert run("stylize", clip, *given, *model, "-o", output) == 0
        frames[name] = [frame.rgb for frame in open_source(output).frames()]
        assert len(frames[name]) == 20  # more than a window
    assert set(json.loads((tmp_path / "all.run.json").read_text())["model"]["weights"]) == set(NANO_WEIGHTS)
    assert not np.array_equal(frames["style"][0], frames["fused"][0])


def test_it_needs_what_the_embedded_parts_are_called():
    assert set(NANO_WEIGHTS) == {VAE, BASE, NANO_FILE, WEIGHTS, ENCODER, TEXT}


def test_the_plan_says_the_windows_and_what_may_not_have_been_meant(tmp_path: Path, monkeypatch, capsys):
    clip = make_clip(tmp_path / "in.mkv", frames=20)
    model = "--model", "dreamstyle-nano", "-o", tmp_path / "out.mkv"
    assert run("plan", clip, "--prompt", "a boat on the sea", *model) == 0
    said = capsys.readouterr().out
    assert "Windows of 17 frames" in said
    assert "'a boat on the sea' names no style" in said
    assert run("plan", clip, "--prompt", "a boat, as a Mosaic", *model) == 0
    assert "names no style" not in capsys.readouterr().out
    photo = tmp_path / "photo.png"
    Image.fromarray(picture(0, 64, 48)).save(photo)
    for threshold, told in ((-2.0, True), (2.0, False)):
        monkeypatch.setattr("impasto.stylizers.dreamstyle.remarks.LIKE_A_PHOTO", threshold)
        assert run("plan", clip, "--prompt", "a boat", "--style", photo, *model) == 0
        said = capsys.readouterr().out
        assert ("looks like a photo" in said) == told
        assert "names no style" not in said


def test_depth_leads_it_and_is_in_the_record(tmp_path: Path, painting: Path):
    clip = make_clip(tmp_path / "in.mkv", frames=6)
    model = "--style", painting, "--model", "dreamstyle-nano", "--preset", "draft"
    assert run("stylize", clip, *model, "-o", tmp_path / "free.mkv") == 0
    assert run("stylize", clip, *model, "--control", "depth", "-o", tmp_path / "led.mkv") == 0
    free, led = ([f.rgb for f in open_source(tmp_path / f"{name}.mkv").frames()] for name in ("free", "led"))
    assert not np.array_equal(free[0], led[0])
    record = json.loads((tmp_path / "led.run.json").read_text())
    assert set(record["model"]["weights"]) == {*NANO_WEIGHTS, NANO_CONTROLS["depth"], DEPTH_NANO}


def test_the_plan_counts_the_controlnet_that_is_asked_for(made: Path, tmp_path: Path, painting: Path, capsys):
    clip = make_clip(tmp_path / "in.mkv", frames=6)
    given = "--style", painting, "--model", "dreamstyle-nano", "-o", tmp_path / "out.mkv", "--json"
    memory = []
    for control in ((), ("--control", "depth")):
        assert run("plan", clip, *given, *control) == 0
        memory.append(json.loads(capsys.readouterr().out)["memory_bytes"])
    assert memory[1] - memory[0] >= 2 * FORMAT.parameter_count(made / NANO_CONTROLS["depth"])


def test_what_a_control_lacks_is_said_before_anything_is_painted(tmp_path: Path, painting: Path, monkeypatch, capsys):
    clip = make_clip(tmp_path / "in.mkv", frames=5)
    given = "--style", painting, "--model", "dreamstyle-nano", "-o", tmp_path / "out.mkv"
    assert run("stylize", clip, *given, "--control", "depth, pose") == 3
    assert "The weights of usyd-community/vitpose-base-simple (Apache-2.0) are missing" in capsys.readouterr().err
    assert run("stylize", clip, *given, "--control", "depth,flow") == 2
    assert "Control 'flow' is unknown; model 'dreamstyle-nano' has depth, pose." in capsys.readouterr().err
    assert run("stylize", clip, *given[:2], "--control", "depth", "-o", tmp_path / "out.mkv") == 2
    assert "Model 'swift' does not take control" in capsys.readouterr().err
    monkeypatch.setattr("impasto.weights.paths.EMBEDDED", tmp_path)
    hidden = tmp_path / "weights"
    hidden.mkdir()
    for name in NANO_WEIGHTS:
        (hidden / name).write_bytes(b"")
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(hidden))
    assert run("stylize", clip, *given, "--control", "depth") == 3
    assert "`impasto train depth-nano`, then `impasto train control-depth`" in capsys.readouterr().err
    assert not (tmp_path / "out.mkv").exists()


def test_it_makes_no_clips_of_its_own(tmp_path: Path, capsys):
    assert run("generate", "--prompt", "a sea", "--model", "dreamstyle-nano", "-o", tmp_path / "out.mkv") == 2
    assert "repaints and makes no clips" in capsys.readouterr().err


def test_nothing_to_go_by_is_refused(tmp_path: Path, capsys):
    clip = make_clip(tmp_path / "in.mkv", frames=5)
    assert run("stylize", clip, "--model", "dreamstyle-nano", "-o", tmp_path / "out.mkv") == 2
    assert "Nothing to go by" in capsys.readouterr().err


def test_a_first_frame_of_another_scene_and_size_is_refused(tmp_path: Path, painting: Path, capsys):
    clip, tall = make_clip(tmp_path / "in.mkv", frames=5), tmp_path / "tall.png"
    Image.fromarray(np.random.default_rng(3).integers(0, 255, (96, 32, 3), np.uint8)).save(tall)
    given = "--first-frame", tall, "--model", "dreamstyle-nano"
    assert run("stylize", clip, *given, "-o", tmp_path / "out.mkv") == 2
    assert "no part of one looks like the other" in capsys.readouterr().err
