"""Pairs of one frame: photos, drawn by a hand of code or painted by `swift`; many, for they cost little.

Run: `impasto train dreamstyle-stills`. What a style does to a scene can be learned from pictures, at a fraction of what
a clip takes and in far more styles; what moves is learned from clips.
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from impasto.stylizers.dreamstyle.looks import filled
from impasto.training.clipmaterial import Still
from impasto.training.cliptexts import photo_labels, photo_texts
from impasto.training.csdhands import Drawn, Swift
from impasto.training.csdpictures import Progress, asset_files
from impasto.training.dreamstyle.hands import StyleHand, hand_of, painter_name, style_name, style_words
from impasto.training.dreamstyle.pairs import PAIRS, Pair, write_pairs
from impasto.training.group import Group
from impasto.training.nano.clips import HELD_BACK
from impasto.training.nano.shards import Part, content_key, shard_folder
from impasto.training.stylewords import in_style
from impasto.video.pictures import read_picture
from impasto.weights.paths import assets_dir


@dataclass(frozen=True)
class StillsConfig:
    hands: int = 640
    """Of which each draws or paints some photos."""
    held: int = 16
    """Hands of styles, and photos, that are learned from nowhere."""
    swift: float = 0.6
    """Share of the hands that are `swift` in the style of a painting; others are code."""
    numbers: int = 40
    """Different hands of each kind of style that is made by code."""
    each: int = 8
    """Photos for each hand, three at least: two others are style pictures of each."""
    shard: int = 8
    """Hands of a file."""


@dataclass(frozen=True)
class Canvas:
    """Photos that one hand paints."""

    name: str
    hand: StyleHand
    photos: tuple[Still, ...]

    def make(self) -> Iterator[Pair]:
        """A pair for each photo; its style pictures are the painting, if there is one, and what became of others."""
        rng = np.random.default_rng(list(self.name.encode()))
        raw = [photo.views(1)[0][0] for photo in self.photos]
        if isinstance(self.hand, Drawn):
            shown, painted = [], self.hand(raw, rng)
        else:
            shown = [read_picture(self.hand)[0]]
            painted = Swift(lambda: shown[0], mixed=0.0)(raw, rng)
        for number, photo in enumerate(self.photos):
            height, width = raw[number].shape[:2]
            others = [*shown, *(painted[(number + step) % len(painted)] for step in (1, 2))]
            plain = photo.texts[-1]
            yield Pair(
                name=photo.name,
                raw=raw[number][None],
                stylized=painted[number][None],
                styles=[filled(style, (width, height)) for style in others[:2]],
                plain=plain,
                styled=in_style(plain, style_words(self.hand, rng), rng),
                route=f"still, {painter_name(self.hand)}",
            )


def canvases(config: StillsConfig, part: Part) -> list[Canvas]:
    """All of a part; raises `InputError` where photos or their labels are missing."""
    labels = photo_labels()
    photos = [path for path in asset_files("photos", "jpg") if path.stem in labels and _part(path) == part]
    paintings = [path for path in sorted((assets_dir() / "styles").glob("*.jpg")) if _part(path) == part]
    rng, first = np.random.default_rng([len(part), config.hands]), 0 if part == "train" else config.numbers
    numbers = range(first, first + config.numbers)
    found = []
    for number in range(config.hands if part == "train" else config.held):
        hand = hand_of(number, numbers, config.swift, paintings, rng)
        name = f"{number:04d}-{style_name(hand)}"
        chosen = [photos[i] for i in rng.permutation(len(photos))[: config.each]]
        stills = tuple(Still(f"{name}-{path.stem}", path, photo_texts(labels[path.stem])) for path in chosen)
        found.append(Canvas(name, hand, stills))
    return found


def make_stills(config: StillsConfig) -> Iterator[Progress]:
    """Make the shards that are not there yet, this process its share; yields after each.

    Raises:
        InputError: photos or their labels are missing.
    """
    parts: tuple[Part, ...] = ("train", "held")
    shards = [shard for part in parts for shard in _shards(config, part)]
    for number, (path, wanted) in Group().deal(shards):
        if not path.exists():
            write_pairs(path, [pair for canvas in wanted for pair in canvas.make()])
            yield Progress(number, len(shards), path.stem)


def _part(path: Path) -> Part:
    return "held" if zlib.crc32(path.stem.encode()) % HELD_BACK == 0 else "train"


def _shards(config: StillsConfig, part: Part) -> Iterator[tuple[Path, Sequence[Canvas]]]:
    wanted = canvases(config, part)
    key = content_key([], config, [photo.name for canvas in wanted for photo in canvas.photos])
    for number, start in enumerate(range(0, len(wanted), config.shard)):
        path = shard_folder(PAIRS) / f"stills-{key}-{part}-{number:04d}.safetensors"
        yield path, wanted[start : start + config.shard]
