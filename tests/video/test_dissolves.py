"""Shots that run into each other: dissolves and fades are found, and motion is taken for neither."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from impasto.video.shots import find_shots
from impasto.video.source import open_source
from impasto.weights.paths import assets_dir
from tests.clips import make_clip

SIZE = 160, 90
LENGTH = 45


def real(name: str) -> np.ndarray:
    """The first frames of a clip of one shot, small."""
    path = assets_dir() / "videos" / f"{name}.mp4"
    if not path.is_file():
        pytest.skip(f"IMPASTO_ASSETS has no videos/{name}.mp4")
    frames = [rgb for _, rgb in open_source(path).small_frames(SIZE[0])][:LENGTH]
    return np.stack([cv2.resize(rgb, SIZE, interpolation=cv2.INTER_AREA) for rgb in frames])


def mixed(first: np.ndarray, second: np.ndarray, frames: int) -> np.ndarray:
    """Two shots with a dissolve of so many frames between."""
    share = ((np.arange(frames) + 1) / (frames + 1))[:, None, None, None]
    between = np.round(first[-frames:] * (1 - share) + second[:frames] * share).astype(np.uint8)
    return np.concatenate([first[:-frames], between, second[frames:]])


def starts(path: Path, pictures: np.ndarray) -> list[int]:
    clip = make_clip(path, size=SIZE, frames=len(pictures), pictures=pictures, options={"crf": "23"})
    return [shot.start for shot in find_shots(open_source(clip))]


@pytest.mark.parametrize("frames", [6, 12, 24])
def test_a_dissolve_between_real_clips_is_one_cut_in_its_middle(tmp_path, frames):
    pictures = mixed(real("davis_blackswan"), real("intel_classroom"), frames)
    first, second = starts(tmp_path / "a.mp4", pictures)
    middle = LENGTH - frames / 2
    assert (first, abs(second - middle) <= max(2, frames / 4)) == (0, True), second


def test_dissolves_and_cuts_in_one_video(tmp_path):
    swan, room, cows = real("davis_blackswan"), real("intel_classroom"), real("davis_cows")
    pictures = np.concatenate([mixed(swan, room, 12), cows, swan])
    _, dissolve, *cuts = starts(tmp_path / "a.mp4", pictures)
    assert abs(dissolve - (LENGTH - 6)) <= 2
    assert cuts == [2 * LENGTH - 12, 3 * LENGTH - 12]


@pytest.mark.parametrize("color", [0, 255])
@pytest.mark.parametrize("held", [1, 9])
def test_a_fade_between_real_clips_is_one_cut_where_the_picture_returns(tmp_path, color, held):
    blank = np.full((12, *SIZE[::-1], 3), color, np.uint8)
    out, back = mixed(real("davis_blackswan"), blank, 12), mixed(blank, real("intel_classroom"), 12)
    pictures = np.concatenate([out, blank[:held], back])
    (_, cut) = starts(tmp_path / "a.mp4", pictures)
    assert 0 <= cut - (len(out) + held) <= 2  # the first frame of it differs by a thirteenth


def test_motion_and_light_are_no_dissolves(tmp_path):
    swan = real("davis_blackswan")
    still = np.repeat(swan[:1], LENGTH, 0)
    moved = np.stack([np.roll(swan[0], 3 * n, axis=1) for n in range(LENGTH)])
    light = np.linspace(1, 0.3, LENGTH)[:, None, None, None]
    assert starts(tmp_path / "pan.mp4", moved) == [0]
    assert starts(tmp_path / "dusk.mp4", (still * light).astype(np.uint8)) == [0]
    assert starts(tmp_path / "again.mp4", mixed(swan, swan[::-1], 12)) == [0]


def test_no_clip_of_one_shot_is_cut():
    """All that are for measuring; the rabbit's has a cut of its own."""
    folder = assets_dir() / "eval" / "videos"
    if not folder.is_dir():
        pytest.skip("IMPASTO_ASSETS has no eval/videos")
    found = {path.stem: [shot.start for shot in find_shots(open_source(path))] for path in folder.glob("*.mp4")}
    assert found.pop("bbb_cutbunny_audio") == [0, 235]
    assert found
    assert set(map(tuple, found.values())) == {(0,)}
