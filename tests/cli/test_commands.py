"""What each command prints."""

import json
import subprocess
import sys

import pytest

from impasto.stylizers.feedforward import styles as feedforward_styles
from tests.clips import make_clip

COMMANDS = ["stylize", "plan", "shots", "deflicker", "compare", "styles", "models", "doctor", "train"]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_ends_with_an_example(impasto, command):
    ran = impasto(command, "--help")
    assert ran.code == 0
    assert ran.out.strip().splitlines()[-1].startswith(f"Example: impasto {command}")


def test_help_and_version(impasto):
    ran = impasto("--help")
    assert all(command in ran.out for command in COMMANDS)
    assert impasto("--version").out.strip()[0].isdigit()


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from impasto.cli import main; main(['stylize', '--help']); "
        "print(sorted({'torch', 'openvino', 'av', 'cv2', 'scenedetect', 'scipy'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip().splitlines()[-1] == "[]"


def test_python_m_impasto_works():
    ran = subprocess.run([sys.executable, "-m", "impasto", "stylise"], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert 'Did you mean "stylize"' in ran.stderr


def test_stylize_prints_the_record_as_json(impasto, tmp_path, painting, toy):
    make_clip(tmp_path / "in.mp4", frames=4)
    ran = impasto("stylize", "in.mp4", "--style", painting, "--model", "toy", "-o", "out.mp4", "--json")
    assert ran.code == 0
    assert json.loads(ran.out) == json.loads((tmp_path / "out.run.json").read_text())
    assert "Repainting: 1/4 frames" in ran.err


def test_the_last_lines_say_what_was_left_out(impasto, tmp_path, painting, toy):
    make_clip(tmp_path / "in.mkv", frames=4, attachment=b"a font")
    ran = impasto("stylize", "in.mkv", "--style", painting, "--model", "toy", "-o", "out.mp4")
    assert ran.out.startswith("out.mp4: 4 frames in 0:")
    assert "left out" in ran.out


def test_plan_writes_nothing(impasto, tmp_path, painting, toy):
    make_clip(tmp_path / "in.mp4", frames=4)
    arguments = ["plan", "in.mp4", "--style", painting, "--model", "toy", "-o", "out.mp4"]
    assert "4 frames at 25 fps" in impasto(*arguments).out
    assert json.loads(impasto(*arguments, "--json").out)["segments"] == [{"shot": 0, "start": 0, "stop": 4}]
    assert {path.name for path in tmp_path.iterdir()} == {"in.mp4", "painting.png"}


def test_compare_puts_side_by_side(impasto, tmp_path):
    make_clip(tmp_path / "a.mp4", frames=4)
    make_clip(tmp_path / "b.mp4", frames=4)
    ran = impasto("compare", "a.mp4", "b.mp4", "-o", "side.mp4")
    assert (ran.code, (tmp_path / "side.mp4").exists()) == (0, True)
    assert impasto("compare", "a.mp4", "-o", "other.mp4").code == 2


def test_models_lists_what_there_is(impasto, toy):
    assert "toy" in impasto("models").out
    listed = {model["name"]: model for model in json.loads(impasto("models", "--json").out)}
    assert listed["toy"]["takes"] == ["mixed styles", "preserve color", "style"]


@pytest.fixture
def two_styles(monkeypatch, tmp_path):
    """Two named styles, whatever is embedded."""
    rows = [
        feedforward_styles.NamedStyle(name, title, artist, "1906", "impressionism", "public domain")
        for name, title, artist in [("water-lilies", "Water Lilies", "Monet"), ("the-wave", "The Wave", "Hokusai")]
    ]
    monkeypatch.setattr(feedforward_styles, "named_styles", lambda: {row.name: row for row in rows})
    (tmp_path / "previews").mkdir()
    for row in rows:
        (tmp_path / "previews" / f"{row.name}.jpg").write_bytes(b"")
    monkeypatch.setenv("IMPASTO_WEIGHTS_DIR", str(tmp_path))


@pytest.mark.usefixtures("two_styles")
def test_styles_lists_names_with_previews(impasto):
    assert "Hokusai" in impasto("styles").out
    listed = json.loads(impasto("styles", "--json").out)
    assert [style["name"] for style in listed] == ["water-lilies", "the-wave"]
    assert listed[0]["preview"].endswith("water-lilies.jpg")


@pytest.mark.usefixtures("two_styles", "toy")
def test_an_unknown_style_name_suggests_the_nearest(impasto, tmp_path):
    make_clip(tmp_path / "in.mp4", frames=4)
    ran = impasto("stylize", "in.mp4", "--style", "water-lillies", "--model", "toy", "-o", "out.mp4")
    assert (ran.code, "did you mean 'water-lilies'" in ran.sentence) == (2, True)
    named = impasto("stylize", "in.mp4", "--style", "water-lilies=2", "--model", "toy", "-o", "out.mp4")
    assert named.code == 0


def test_train_runs_a_recipe_and_refuses_others(impasto, monkeypatch):
    from impasto.training.recipes import RECIPES

    monkeypatch.setitem(RECIPES, "tiny", lambda: iter([{"step": 1, "loss": 0.5}]))
    assert impasto("train", "tiny").out == "step 1 loss 0.5\n"
    ran = impasto("train", "huge")
    assert (ran.code, "swift" in ran.sentence) == (2, True)
