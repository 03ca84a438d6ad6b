"""Cuts are found where they are."""

import os
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from impasto.video.pictures import write_picture
from impasto.video.shots import find_shots
from impasto.video.source import open_source
from impasto.video.types import Shot
from tests.clips import make_clip, picture


def _scene(seed: int, frames: int) -> list[np.ndarray]:
    blocks = np.random.default_rng(seed).integers(0, 256, (6, 12, 3), dtype=np.uint8)
    wide = blocks.repeat(8, 0).repeat(8, 1)
    return [np.roll(wide, n, axis=1)[:, :64] for n in range(frames)]


def test_a_clip_without_cuts_is_one_shot(tmp_path: Path):
    source = open_source(make_clip(tmp_path / "a.mp4", frames=30))
    seen: list[int] = []
    assert find_shots(source, lambda count, _: seen.append(count)) == [Shot(0, 30, Fraction(0), Fraction(30, 25))]
    assert seen == list(range(1, 31))


@pytest.mark.parametrize("lengths", [(20, 20), (12, 30, 9, 25)])
def test_cuts_are_found_exactly(tmp_path: Path, lengths: tuple[int, ...]):
    pictures = [rgb for seed, length in enumerate(lengths) for rgb in _scene(seed, length)]
    source = open_source(make_clip(tmp_path / "a.mp4", frames=len(pictures), pictures=pictures))
    edges = np.cumsum([0, *lengths]).tolist()
    assert find_shots(source) == [
        Shot(start, stop, Fraction(start, 25), Fraction(stop, 25)) for start, stop in pairwise(edges)
    ]


def test_shots_of_variable_rate_carry_true_times(tmp_path: Path):
    times = [Fraction(n * n + 20 * n, 600) for n in range(40)]
    clip = make_clip(
        tmp_path / "a.mp4", times=times, pictures=_scene(0, 20) + _scene(1, 20), time_base=Fraction(1, 600)
    )
    first, second = find_shots(open_source(clip))
    assert first.stop_time == second.start_time == times[20]


def test_a_picture_is_one_shot_of_one_frame(tmp_path: Path):
    write_picture(tmp_path / "a.png", picture(0, 32, 24))
    assert find_shots(open_source(tmp_path / "a.png")) == [Shot(0, 1, Fraction(0), Fraction(1, 24))]


def test_real_clips_of_one_shot_are_not_cut():
    assets = Path(os.environ.get("IMPASTO_ASSETS", "../shared/assets")) / "eval" / "videos"
    if not assets.is_dir():
        pytest.skip("IMPASTO_ASSETS has no eval/videos")
    for name in ("davis_horsejump-high.mp4", "davis_dance-twirl.mp4", "sintel_mountain_2.mp4"):
        assert len(find_shots(open_source(assets / name))) == 1, name
