"""Pairs that need no curation: clips of the nano base, drawn by hands of code."""

from pathlib import Path

import numpy as np
import pytest

from impasto.errors import InputError
from impasto.training.dreamstyle.drawnpairs import PairsConfig, make_pairs, orders
from impasto.training.dreamstyle.pairs import PAIRS, read_pairs
from impasto.training.nano.clips import CLIPS
from impasto.training.nano.shards import Part, shard_folder, write_shard
from tests.training.nano.toy import drifting

CONFIG = PairsConfig(pairs=5, held=2, shard=3)


@pytest.fixture(autouse=True)
def clips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three clips for each part, and others that are not as a camera sees them; no paintings."""
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path / "nowhere"))
    parts: tuple[Part, ...] = ("train", "held")
    for place, part in enumerate(parts):
        frames = {f"scene-{n}": drifting(n + 10 * place, 5, 48, 64) for n in range(2)}
        frames |= {"window-a-00": drifting(7, 5, 64, 48), "window-short-00": drifting(8, 1, 48, 64)}
        frames |= {"oil-3-scene-9": drifting(9, 5, 48, 64), "still-photo-1": drifting(5, 1, 48, 64)}
        write_shard(shard_folder(CLIPS) / f"toy-{part}-0000.safetensors", frames, {n: [f"{n} drifts."] for n in frames})


def test_pairs_are_made_a_shard_at_a_time_and_once():
    assert [made.done for made in make_pairs(CONFIG)] == [1, 2, 3]
    assert list(make_pairs(CONFIG)) == []
    (first, *_) = sorted(shard_folder(PAIRS).glob("*-train-*"))
    before = first.read_bytes()
    first.unlink()
    assert [made.done for made in make_pairs(CONFIG)] == [1]
    assert first.read_bytes() == before


def test_a_pair_is_one_clip_twice_with_other_content_in_the_same_style():
    list(make_pairs(CONFIG))
    pairs = [pair for file in sorted(shard_folder(PAIRS).glob("*-train-*")) for pair in read_pairs(file)]
    assert len(pairs) == 5
    wanted = {order.name: order for order in orders(CONFIG, "train")}
    for pair in pairs:
        order = wanted[pair.name]
        np.testing.assert_array_equal(pair.raw, order.clip.read().numpy())
        assert order.clip.name not in {other.name for other in order.others}
        np.testing.assert_array_equal(pair.stylized[2], order.hand.over(pair.raw[2]))
        np.testing.assert_array_equal(pair.styles[1], order.hand.over(order.others[1].read().numpy()[0]))
        assert pair.plain == f"{order.clip.name} drifts."
        assert pair.plain.rstrip(".") in pair.styled
        assert len(pair.styled) > len(pair.plain)
        assert (pair.route, pair.best) == (
            ("real, drawn", True) if order.clip.name.startswith("window") else ("rendered, drawn", False)
        )


def test_clips_that_are_drawn_or_short_are_left_out():
    assert {order.clip.name for order in orders(PairsConfig(pairs=40), "train")} == {
        "scene-0",
        "scene-1",
        "window-a-00",
    }


def test_without_clips_it_says_which_recipe_makes_them():
    for file in shard_folder(CLIPS).iterdir():
        file.unlink()
    with pytest.raises(InputError, match="`impasto train nano-clips`"):
        next(make_pairs(CONFIG))
