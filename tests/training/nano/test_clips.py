"""What the nano base sees: captions that stay true, cameras that move as they say, and shards made once."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from impasto.errors import InputError
from impasto.training.clipmaterial import WIDE, Footage, Still
from impasto.training.csdhands import Drawn
from impasto.training.nano import clips as recipe
from impasto.training.nano.clips import ClipsConfig, clip_shards, is_held_back, make_clips, sources
from impasto.training.nano.shards import read_notes
from impasto.training.nano.sources import PANS, Clip, Pan, Redrawn, Rendered, Single, Window, mirrored, nearest_grid
from impasto.training.stylewords import in_style
from tests.clips import make_clip

CONFIG = ClipsConfig(scenes=2, windows=1, pans=1, drawn=2, pictures=0, frames=5, shard=4)


@pytest.fixture
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A painting, a photo and two clips, small."""
    rng = np.random.default_rng(0)
    for name in ("styles/painting0", "photos/photo0"):
        path = tmp_path / f"{name}.jpg"
        path.parent.mkdir()
        Image.fromarray(rng.integers(0, 255, (5, 8, 3), np.uint8)).resize((64, 40)).save(path)
    painting = {"file": "styles/painting0.jpg", "title": "Water Lilies", "caption": "Water Lilies by Claude Monet"}
    (tmp_path / "styles" / "captions.jsonl").write_text(json.dumps(painting))
    (tmp_path / "photos" / "labels.jsonl").write_text(json.dumps({"file": "photos/photo0.jpg", "label": "hen"}))
    (tmp_path / "videos").mkdir()
    for name in ("davis_dog", "davis_goat"):
        make_clip(tmp_path / "videos" / f"{name}.mp4", frames=9)
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path))
    return tmp_path


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


def test_mirrored_words_follow_the_picture():
    frames = np.arange(12, dtype=np.uint8).reshape(1, 2, 2, 3)
    clip = mirrored(Clip(frames, ("a boat sails left, on the right; bright copyright", "still")))
    assert clip.texts == ("a boat sails right, on the left; bright copyright", "still")
    np.testing.assert_array_equal(clip.frames, frames[:, :, ::-1])
    again = mirrored(clip)
    np.testing.assert_array_equal(again.frames, frames)


def test_scenes_are_rendered_from_their_seed_in_every_shape():
    assert {nearest_grid(Rendered(seed, 1).make(rng()).frames[0]) for seed in (0, 3, 4)} == {WIDE, (12, 12), (16, 9)}
    clip, again = (Rendered(7, 5).make(rng()) for _ in range(2))
    assert clip.frames.shape == (5, 144, 256, 3)
    np.testing.assert_array_equal(clip.frames, again.frames)
    assert len(set(clip.texts)) == 3
    assert any((a != b).any() for a, b in pairwise(clip.frames))


@pytest.mark.parametrize(("frames", "length"), [(9, 9), (5, 5), (17, 9)])
def test_windows_are_parts_of_clips_as_long_as_latents_want(data_folder: Path, frames: int, length: int):
    footage = Footage("dog", data_folder / "videos" / "davis_dog.mp4", "a dog runs left")
    for number in range(4):
        clip = Window(footage, number, frames).make(np.random.default_rng(number))
        assert clip.frames.shape == (length, 144, 256, 3)
        red, green, _ = clip.frames[0, -1, 0]  # the patches are red at the left and yellow at the right
        assert clip.texts == (("a dog runs right",) if green > 128 else ("a dog runs left",))
        assert red > 150
        assert all((a != b).any() for a, b in pairwise(clip.frames))


@pytest.mark.parametrize("motion", list(PANS))
def test_the_camera_moves_as_the_caption_says(tmp_path: Path, motion: str, monkeypatch: pytest.MonkeyPatch):
    y, x = np.mgrid[:90, :160]
    Image.fromarray(np.stack([x, y, 0 * x], -1).astype(np.uint8)).save(tmp_path / "ramps.png")
    monkeypatch.setattr("impasto.training.nano.sources.PANS", {motion: PANS[motion]})
    clip = Pan(Still("ramps", tmp_path / "ramps.png", ("ramps",)), 5).make(rng())
    assert clip.texts == (f"ramps, the camera {motion}",)
    assert clip.frames.shape == (5, 144, 256, 3)
    middle = clip.frames[:, 72, 128].astype(float)
    wide = clip.frames[:, 72, -1, 0].astype(float) - clip.frames[:, 72, 0, 0]
    signs = {
        "left": np.diff(middle[:, 0]) < -2,
        "right": np.diff(middle[:, 0]) > 2,
        "up": np.diff(middle[:, 1]) < -1,
        "down": np.diff(middle[:, 1]) > 1,
        "in": np.diff(wide) < -2,
        "out": np.diff(wide) > 2,
    }
    way = motion.split()[-1]
    assert signs.pop(way).all()
    opposite = {"left": "right", "up": "down", "in": "out"}
    same = {way, opposite.get(way, ""), *(key for key, value in opposite.items() if value == way)}
    assert not any(moved.any() for name, moved in signs.items() if name not in same)
    assert not (clip.frames[:, :, :, :2].max((1, 2)) > [160, 90]).any()  # never beyond the picture


def test_one_hand_draws_all_frames_and_the_caption_says_so():
    source = Rendered(7, 5)
    plain = source.make(rng())
    drawn = Redrawn(source, Drawn("duotone", 0)).make(rng())
    assert drawn.frames.shape == plain.frames.shape
    np.testing.assert_array_equal(drawn.frames[2], Drawn("duotone", 0).over(plain.frames[2]))
    assert all("duotone" in text for text in drawn.texts)
    assert all(text.rstrip(".") in told for text, told in zip(plain.texts, drawn.texts, strict=True))


@pytest.mark.usefixtures("data_folder")
def test_all_sources_have_names_of_their_own_and_one_fate_an_origin():
    seen = sources(ClipsConfig(scenes=60, windows=3, pans=2, drawn=9, pictures=1, frames=5))
    assert len({source.name for source in seen}) == len(seen)
    kinds = [type(source) for source in seen]
    assert [kinds.count(kind) for kind in (Single, Rendered, Window, Pan, Redrawn)] == [3, 60, 6, 2, 9]
    fates: dict[str, set[bool]] = {}
    for source in seen:
        fates.setdefault(source.origin, set()).add(is_held_back(source))
    assert all(len(fate) == 1 for fate in fates.values())
    assert {True} in fates.values()
    redrawn = [source.source for source in seen if isinstance(source, Redrawn)]
    assert not {source.name for source in redrawn} & {source.name for source in seen}


@pytest.mark.usefixtures("data_folder")
def test_shards_are_made_once_and_hold_every_source(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recipe, "HELD_BACK", 3)
    planned = clip_shards(CONFIG)
    progress = make_clips(CONFIG)
    assert next(progress).done == 1
    progress.close()
    first = planned[0].path.read_bytes()
    assert [made.done for made in make_clips(CONFIG)] == list(range(2, len(planned) + 1))
    assert planned[0].path.read_bytes() == first
    planned[0].path.unlink()
    list(make_clips(CONFIG))
    assert planned[0].path.read_bytes() == first  # the same, written twice
    kept = {name for shard in planned for name in read_notes(shard.path)}
    assert kept == {source.name for source in sources(CONFIG)}
    held = [source for shard in planned if "-held-" in shard.path.name for source in shard.sources]
    assert held
    assert all(is_held_back(source) for source in held)
    for shard in planned:
        for clip in load_file(shard.path).values():
            assert clip.dtype == torch.uint8
            assert len(clip) in (1, 5)


def test_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="nowhere"):
        next(make_clips(CONFIG))


def test_words_for_the_style_stand_before_several_sentences():
    said = {in_style("A boat sails. The camera pans.", "mosaic", np.random.default_rng(n)) for n in range(20)}
    assert said == {"mosaic: A boat sails. The camera pans"}
    said = {in_style("A boat sails.", "mosaic", np.random.default_rng(n)) for n in range(20)}
    assert said == {"A boat sails, mosaic", "A boat sails, in the style of mosaic", "mosaic: A boat sails"}
