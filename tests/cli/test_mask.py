"""A mask beside the other options: black is the source to the bit, white is what there is without a mask."""

import json
from pathlib import Path

import numpy as np
import pytest

from impasto.video.pictures import write_picture
from impasto.video.source import open_source
from tests.clips import make_clip

SIZE = 40, 24
"""Too small for adapting, so that a painted frame costs no training."""
LENGTHS = 12, 14
FRAMES = sum(LENGTHS)


def scene(seed: int, frames: int) -> list[np.ndarray]:
    blocks = np.random.default_rng(seed).integers(0, 256, (3, 10, 3), dtype=np.uint8)
    wide = blocks.repeat(8, 0).repeat(8, 1)
    return [np.roll(wide, n, axis=1)[:, : SIZE[0]] for n in range(frames)]


def frames_of(path: Path) -> np.ndarray:
    return np.stack([frame.rgb for frame in open_source(path).frames()])


@pytest.fixture
def source(tmp_path: Path) -> np.ndarray:
    """The frames of in.mkv, which has a cut; with two pictures of styles, and the first frame as someone painted it."""
    pictures = [rgb for seed, length in enumerate(LENGTHS) for rgb in scene(seed, length)]
    make_clip(tmp_path / "in.mkv", size=SIZE, frames=FRAMES, pictures=pictures, codec="ffv1", pixel_format="bgr0")
    for seed, name in enumerate(("a", "b"), 7):
        write_picture(tmp_path / f"{name}.png", np.kron(scene(seed, 1)[0], np.ones((3, 3, 1), np.uint8)))
    write_picture(tmp_path / "first.png", (pictures[0] * [1.0, 0.7, 0.5]).astype(np.uint8))
    shots = [{"start": 0, "stop": 12, "style": "a.png"}, {"start": 12, "stop": FRAMES, "style": "b.png"}]
    (tmp_path / "shots.json").write_text(json.dumps({"shots": shots}))
    return np.stack(pictures)


@pytest.fixture
def white(tmp_path: Path) -> np.ndarray:
    """Where mask.mkv is white, [T, H, W]: a bar that moves by a column a frame. Elsewhere it is black."""
    white = np.zeros((FRAMES, SIZE[1], SIZE[0]), bool)
    for number in range(FRAMES):
        white[number, :, number : number + 12] = True
    pictures = [np.repeat(each[..., None], 3, 2).astype(np.uint8) * 255 for each in white]
    make_clip(tmp_path / "mask.mkv", size=SIZE, frames=FRAMES, pictures=pictures, codec="ffv1", pixel_format="bgr0")
    return white


def check(source: np.ndarray, white: np.ndarray, whole: np.ndarray, seen: np.ndarray) -> None:
    assert np.abs(whole.astype(int) - source)[white].mean() > 5  # it is painted
    np.testing.assert_array_equal(seen[~white], source[~white])
    np.testing.assert_array_equal(seen[white], whole[white])


@pytest.mark.usefixtures("toy")
@pytest.mark.parametrize(
    "options",
    [
        ("--model", "toy", "--style", "a.png=0.7", "--style", "b.png=0.3"),
        ("--model", "toy", "--style", "0:00=a.png", "--style", "0:00.3=b.png"),
        ("--model", "toy", "--style", "a.png", "--shots", "shots.json"),
        ("--style", "a.png", "--prompt", "pencil sketch", "--strength", "0.6"),
        ("--first-frame", "first.png"),
        ("--first-frame", "first.png", "--keyframe", "0:00.6=b.png", "--structure", "0.5"),
    ],
    ids=["mixing", "over time", "shots", "words and strength", "first frame", "keyframes"],
)
def test_beside_other_options(tmp_path, source, white, impasto, options):
    outputs = {}
    for name, mask in (("whole", ()), ("seen", ("--mask", "mask.mkv"))):
        common = ("--preset", "draft", "--codec", "ffv1", "-o", f"{name}.mkv")
        ran = impasto("stylize", "in.mkv", *options, *mask, *common)
        assert ran.code == 0, ran.err
        outputs[name] = frames_of(tmp_path / f"{name}.mkv")
    check(source, white, **outputs)


@pytest.mark.usefixtures("toy")
def test_in_a_batch_each_video_has_its_own(tmp_path, source, white, impasto):
    common = {"source": "in.mkv", "style": "a.png", "model": "toy", "codec": "ffv1"}
    jobs = [{**common, "output": "whole.mkv"}, {**common, "output": "seen.mkv", "mask": "mask.mkv"}]
    (tmp_path / "list.json").write_text(json.dumps(jobs))
    ran = impasto("batch", "list.json")
    assert ran.code == 0, ran.err
    check(source, white, *(frames_of(tmp_path / f"{name}.mkv") for name in ("whole", "seen")))


@pytest.mark.usefixtures("toy")
def test_a_mask_that_is_too_short_is_refused_before_anything_is_painted(tmp_path, source, impasto):
    short = np.full((SIZE[1], SIZE[0], 3), 255, np.uint8)
    make_clip(tmp_path / "mask.mkv", size=SIZE, frames=9, pictures=[short] * 9, codec="ffv1", pixel_format="bgr0")
    ran = impasto(
        "stylize", "in.mkv", "--model", "toy", "--style", "a.png", "--mask", "mask.mkv", "-o", "out.mkv"
    )  # fmt: skip
    assert ran.code == 2
    assert "mask.mkv" in ran.sentence
    assert not list(tmp_path.glob("out*"))
