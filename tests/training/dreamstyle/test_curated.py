"""Pairs of `impasto curate`, taken from shards of WebDataset."""

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from impasto.errors import InputError, UnreadableInput
from impasto.training.dreamstyle.curated import take_curated
from impasto.training.dreamstyle.pairs import PAIRS, read_pairs
from impasto.training.nano.shards import shard_folder
from impasto.weights.paths import cache_dir
from tests.clips import make_clip
from tests.training.dreamstyle.toypairs import toy_pair


def write_tar(folder: str, numbers: range, tmp_path: Path, name: str = "pairs-00000") -> Path:
    """A shard as `impasto curate` writes it; clips are `clip-NUMBER`."""
    path = cache_dir() / "curated" / folder / "shards" / f"{name}.tar"
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for number in numbers:
            pair = toy_pair(number)
            members = {}
            for what, frames in (("raw", pair.raw), ("stylized", pair.stylized)):
                made = make_clip(
                    tmp_path / "one.mp4", size=(48, 32), frames=5, pictures=iter(frames), pixel_format="yuv444p",
                    options={"crf": "4"},
                )  # fmt: skip
                members[f"{what}.mp4"] = made.read_bytes()
            for place, style in enumerate(pair.styles):
                file = io.BytesIO()
                Image.fromarray(style).save(file, "PNG")
                members[f"style{place}.png"] = file.getvalue()
            notes = {"caption": pair.plain, "caption_styled": pair.styled, "route": "ruder", "clip": f"clip-{number}"}
            members["json"] = json.dumps(notes).encode()
            for member, data in members.items():
                info = tarfile.TarInfo(f"pair-{number}.{member}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return path


def taken() -> dict[str, list]:
    """Pairs by the part that they are in."""
    files = sorted(shard_folder(PAIRS).glob("*.safetensors"))
    return {part: [p for f in files if f"-{part}-" in f.name for p in read_pairs(f)] for part in ("train", "held")}


def test_curated_pairs_are_taken_once_with_those_of_a_clip_together(tmp_path: Path):
    write_tar("ct", range(40), tmp_path)
    write_tar("sft", range(40, 43), tmp_path)
    assert [one.done for one in take_curated()] == [1, 2]
    assert list(take_curated()) == []
    parts = taken()
    assert len(parts["train"]) + len(parts["held"]) == 43
    assert 0 < len(parts["held"]) < 6
    everything = {pair.name: pair for pairs in parts.values() for pair in pairs}
    assert {name for name, pair in everything.items() if pair.best} == {"pair-40", "pair-41", "pair-42"}
    found, wanted = everything["pair-7"], toy_pair(7)
    assert (found.plain, found.styled, found.route) == (wanted.plain, wanted.styled, "ruder")
    assert np.abs(found.raw.astype(int) - wanted.raw).mean() < 4
    assert np.abs(found.stylized.astype(int) - wanted.stylized).mean() < 4
    np.testing.assert_array_equal(found.styles[1], wanted.styles[1])


def test_a_shard_that_was_curated_anew_takes_the_place_of_the_old(tmp_path: Path):
    write_tar("ct", range(3), tmp_path)
    list(take_curated())
    write_tar("ct", range(2), tmp_path)
    assert len(list(take_curated())) == 1
    assert {pair.name for pairs in taken().values() for pair in pairs} == {"pair-0", "pair-1"}


def test_what_was_stopped_between_its_parts_is_taken_again(tmp_path: Path):
    write_tar("ct", range(40), tmp_path)
    list(take_curated())
    (train,) = shard_folder(PAIRS).glob("*-train-*")
    train.unlink()
    assert len(list(take_curated())) == 1
    parts = taken()
    assert len(parts["train"]) + len(parts["held"]) == 40


def test_what_is_missing_or_broken_is_said(tmp_path: Path):
    with pytest.raises(InputError, match="impasto curate"):
        next(take_curated())
    path = write_tar("ct", range(1), tmp_path)
    path.write_bytes(path.read_bytes()[:700])
    with pytest.raises(UnreadableInput, match="cannot be read"):
        next(take_curated())
