"""`impasto deflicker` as users type it, and mistype it."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.clips import make_clip, sound_only


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return make_clip(tmp_path / "in.mp4", frames=6)


def test_it_prints_the_record_as_json(impasto, tmp_path, clip):
    make_clip(tmp_path / "guide.mp4", frames=6)
    ran = impasto("deflicker", "in.mp4", "--guide", "guide.mp4", "-o", "out.mp4", "--json")
    assert (ran.code, json.loads(ran.out)["guidance"]["guide"]) == (0, "guide.mp4"), ran.err
    assert "Steadying: 1/6 frames" in ran.err
    assert json.loads(ran.out) == json.loads((tmp_path / "out.run.json").read_text())


def test_a_folder_of_frames_takes_a_guide_of_any_rate(impasto, tmp_path):
    (tmp_path / "frames").mkdir()
    for number in range(3):
        Image.fromarray(np.full((32, 48, 3), 80 * number, np.uint8)).save(tmp_path / "frames" / f"{number}.png")
    make_clip(tmp_path / "guide.mp4", frames=3, fps=50)
    ran = impasto("deflicker", "frames", "--guide", "guide.mp4", "-o", "out")
    assert (ran.code, ran.out.startswith("out: 3 frames in")) == (0, True), ran.err


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["none.mp4"], "'none.mp4'"),
        (["in.mp4", "--guide", "none.mp4"], "'none.mp4'"),
        (["in.mp4", "--guide", "text.mp4"], "not a video"),
        (["in.mp4", "--guide", "long.mp4"], "has 9 frames and the source 6"),
        (["in.mp4", "--guide", "fast.mp4"], "has 50 frames a second and the source 25"),
        (["in.mp4", "--guide", "picture.png"], "is a picture"),
        (["picture.png"], "cannot flicker"),
        (["sound.m4a"], "sound.m4a"),
        (["text.mp4"], "not a video"),
        (["in.mp4", "--overwrite", "-o", "in.mp4"], "is the input itself"),
        (["in.mp4", "--guide", "guide.mp4", "--overwrite", "-o", "guide.mp4"], "is the guide itself"),
        (["in.mp4", "--style", "picture.png"], "--style"),
    ],
)
def test_what_cannot_work_is_one_sentence(impasto, tmp_path, clip, arguments, part):
    make_clip(tmp_path / "guide.mp4", frames=6)
    make_clip(tmp_path / "long.mp4", frames=9)
    make_clip(tmp_path / "fast.mp4", frames=6, fps=Fraction(50))
    sound_only(tmp_path / "sound.m4a")
    (tmp_path / "text.mp4").write_text("this is no video\n" * 100)
    Image.fromarray(np.zeros((32, 48, 3), np.uint8)).save(tmp_path / "picture.png")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    ran = impasto("deflicker", *arguments, *([] if "-o" in arguments else ["-o", "out.mp4"]))
    assert (ran.code, ran.out) == (2, "")
    assert part in ran.sentence
    assert "Traceback" not in ran.err
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_other_models_take_no_guide(impasto, tmp_path, clip):
    ran = impasto("stylize", clip, "--model", "deflicker", "--prompt", "ink", "-o", "out.mp4")
    assert "takes guide" in ran.sentence
