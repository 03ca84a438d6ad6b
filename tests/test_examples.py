"""The scripts of examples/, run as a user runs them, with the embedded weights."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from impasto.errors import UnreadableInput
from impasto.video.pictures import read_picture, write_picture
from impasto.video.source import open_source
from tests.clips import make_clip, picture
from tests.stylizers.dreamstyle.hubfolder import SIZE, save_adapters, save_folder

EXAMPLES = Path(__file__).parents[1] / "examples"


def example(name: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "IMPASTO_OFFLINE": "1"}
    words = [sys.executable, str(EXAMPLES / f"{name}.py"), *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, env=environment)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "clip.mp4", size=(96, 64), frames=6)


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_examples_are_short_and_tested(path):
    assert 20 <= len(path.read_text(encoding="utf-8").splitlines()) <= 40
    assert f'example("{path.stem}"' in Path(__file__).read_text(encoding="utf-8")


def test_repainting_shows_how_far_it_is(clip, painting, tmp_path):
    ran = example("repaint", clip, painting, tmp_path / "out.mp4")
    assert ran.returncode == 0, ran.stderr
    assert "6 frames at 25 fps" in ran.stdout
    assert "6 of 6 frames" in ran.stdout
    assert sum(1 for _ in open_source(tmp_path / "out.mp4").frames()) == 6
    wrong = example("repaint", tmp_path / "none.mp4", painting, tmp_path / "out.mp4")
    assert wrong.returncode == UnreadableInput.exit_code
    assert "No such file" in wrong.stderr
    assert "Traceback" not in wrong.stderr


def test_a_stream_comes_out_as_it_goes_in(clip, tmp_path):
    ran = example("stream", clip, "monet-water-lilies", tmp_path / "frames")
    assert ran.returncode == 0, ran.stderr
    shapes = {read_picture(path)[0].shape for path in (tmp_path / "frames").iterdir()}
    assert shapes == {(64, 96, 3)}
    assert len(list((tmp_path / "frames").iterdir())) == 6


def test_a_series_is_painted_by_one_net(clip, painting, tmp_path):
    other = make_clip(tmp_path / "other.mp4", size=(96, 64), frames=3)
    ran = example("series", painting, 2, tmp_path / "out", clip, other)
    assert ran.returncode == 0, ran.stderr
    assert "step 2 of 2" in ran.stdout
    assert {path.name for path in (tmp_path / "out").glob("*.mp4")} == {"clip.mp4", "other.mp4"}


def test_a_sheet_to_choose_from(tmp_path):
    write_picture(tmp_path / "photo.png", picture(0, 96, 64))
    ran = example("choose", tmp_path / "photo.png", "calm blue landscape", tmp_path / "sheet.png")
    assert ran.returncode == 0, ran.stderr
    assert len(ran.stdout.splitlines()) == 5
    assert read_picture(tmp_path / "sheet.png")[0].shape[1] > 2 * 96


def test_dreamstyle_runs_from_diffusers(clip, painting, tmp_path):
    save_folder(tmp_path / "base", **SIZE)
    save_adapters(tmp_path / "lora.safetensors")
    words = (tmp_path / "base", tmp_path / "lora.safetensors", clip, painting, "a painting in oil", tmp_path / "frames")
    ran = example("pipeline", *words)
    assert ran.returncode == 0, ran.stderr
    shapes = [read_picture(path)[0].shape for path in sorted((tmp_path / "frames").iterdir())]
    assert shapes == [(64, 96, 3)] * 6


def test_two_results_are_measured(clip, painting, tmp_path):
    ran = example("measure", clip, painting, tmp_path / "out")
    assert ran.returncode == 0, ran.stderr
    free, held = ran.stdout.splitlines()
    assert "warp-error" in free
    assert float(held.split()[-1]) > float(free.split()[-1])  # of the layout
