"""Pairs of one frame: photos, by hands of code and by `swift`."""

import json
from pathlib import Path

import numpy as np
import pytest

from impasto.errors import InputError
from impasto.stylizers.dreamstyle.looks import filled
from impasto.training.csdhands import Drawn
from impasto.training.dreamstyle.pairs import PAIRS, read_pairs
from impasto.training.dreamstyle.stillpairs import StillsConfig, canvases, make_stills
from impasto.training.nano.shards import shard_folder
from impasto.video.pictures import read_picture, write_picture
from tests.training.nano.toy import drifting

CONFIG = StillsConfig(hands=4, held=1, each=3, shard=3, swift=0.5)
SIZES = ((60, 90), (90, 60), (64, 64))


@pytest.fixture(autouse=True)
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Photos of three shapes, one in three without a label, and paintings."""
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path))
    for folder, count in (("photos", 60), ("styles", 30)):
        (tmp_path / folder).mkdir()
        for number in range(count):
            picture = drifting(number, 1, *SIZES[number % 3]).numpy()[0]
            write_picture(tmp_path / folder / f"{folder}-{number}.jpg", picture)
    labels = [{"file": f"photos-{n}.jpg", "label": f"thing {n}" if n % 3 else ""} for n in range(60)]
    rows = [
        {"file": f"styles-{n}.jpg", "title": f"Hill {n}", "caption": f"Hill {n} by A. Painter", "artist": "A. Painter"}
        for n in range(30)
    ]
    for path, lines in (("photos/labels.jsonl", labels), ("styles/captions.jsonl", rows)):
        (tmp_path / path).write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_a_still_has_one_frame_in_one_style_and_style_pictures_of_other_photos():
    made = list(make_stills(CONFIG))
    assert [one.total for one in made] == [3, 3, 3]
    assert list(make_stills(CONFIG)) == []
    pairs = {pair.name: pair for file in shard_folder(PAIRS).glob("*.safetensors") for pair in read_pairs(file)}
    wanted = [*canvases(CONFIG, "train"), *canvases(CONFIG, "held")]
    assert {isinstance(canvas.hand, Drawn) for canvas in wanted} == {True, False}
    assert len(pairs) == sum(len(canvas.photos) for canvas in wanted)
    for canvas in wanted:
        mine = [pairs[photo.name] for photo in canvas.photos]
        for place, pair in enumerate(mine):
            assert pair.raw.shape == pair.stylized.shape
            assert pair.raw.shape[0] == 1
            assert not np.array_equal(pair.raw, pair.stylized)
            others = [mine[(place + step) % len(mine)].stylized[0] for step in (1, 2)]
            shown = others if isinstance(canvas.hand, Drawn) else [read_picture(canvas.hand)[0], others[0]]
            height, width = pair.raw.shape[1:3]
            for style, wanted_style in zip(pair.styles, shown, strict=True):
                np.testing.assert_array_equal(style, filled(wanted_style, (width, height)))
            assert pair.plain == canvas.photos[place].texts[-1]
            assert pair.plain in pair.styled
            if isinstance(canvas.hand, Drawn):
                np.testing.assert_array_equal(pair.stylized[0], canvas.hand.over(pair.raw[0]))
                assert pair.route == "still, drawn"
            else:
                assert pair.route == "still, swift"
    again = list(canvases(CONFIG, "train")[0].make())
    np.testing.assert_array_equal(again[0].stylized, pairs[again[0].name].stylized)


def test_styles_and_photos_that_are_held_back_are_learned_from_nowhere():
    config = StillsConfig(hands=40, held=40)
    trained, held = canvases(config, "train"), canvases(config, "held")
    assert not {canvas.hand for canvas in trained} & {canvas.hand for canvas in held}
    photos = [{photo.path for canvas in part for photo in canvas.photos} for part in (trained, held)]
    assert photos[0]
    assert photos[1]
    assert not photos[0] & photos[1]


def test_without_photos_it_says_where_they_are_wanted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("IMPASTO_ASSETS", str(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="set IMPASTO_ASSETS"):
        next(make_stills(CONFIG))
