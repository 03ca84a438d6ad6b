"""The pictures that `csd-nano` learns from: photos and paintings, and photos repainted in known styles.

Several hands paint, so that none is mistaken for the style (impasto.training.csdhands). `gatys` never does: the network
is measured on its pictures. They are made once, a file for each group; what is there is not made again.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np

from impasto.errors import InputError
from impasto.perception.encoder import WEIGHTS as ENCODER
from impasto.scenes.styles import STYLE_KINDS
from impasto.stylizers.feedforward.weights import SWIFT
from impasto.training.csdhands import Drawn, Graded, Hand, Swift, untouched
from impasto.training.pictures import short_side
from impasto.training.shotpairs import read_clip
from impasto.video.files import writing, written_atomically
from impasto.video.pictures import read_picture
from impasto.video.types import Picture
from impasto.weights.paths import assets_dir, cache_dir, weights_file

SIDE = 256
"""Of the squares, in pixels: the short side at which metrics see frames."""
HELD_OUT = ("embroidery", "engraving", "halftone", "ink-wash", "mosaic", "pastel", "stained-glass", "ukiyo-e")
"""Kinds of style that no picture here has: what is measured is measured on them."""

Item = TypeVar("Item")


@dataclass(frozen=True)
class CollectionConfig:
    photos: int = 320
    frames: int = 64
    """First frames of clips."""
    paintings: int = 96
    """That are repainted themselves. They, photos and frames are the subjects."""
    swift: int = 224
    """Paintings in whose style `swift` paints."""
    drawn: int = 8
    """Styles of each kind that is made by code, drawn over subjects."""
    copied: int = 6
    """Of them, those in which `swift` paints as well: one style by two hands."""
    graded: int = 40
    """Paintings of which only the colours are taken."""
    each: int = 16
    """Pictures of a group."""


class Label(NamedTuple):
    """What a picture shares with others; empty where nothing is known."""

    style: str
    artist: str
    movement: str
    content: str


@dataclass(frozen=True)
class Group:
    """Pictures that are made together: the subjects, repainted by one hand."""

    name: str
    subjects: tuple[Path, ...]
    labels: tuple[Label, ...]
    hand: Hand

    def make(self) -> Picture:
        """[N, SIDE, SIDE, 3]"""
        # Chance hangs on the name alone, so that the order of the groups means nothing.
        return np.stack(self.hand(self.unpainted(), _rng(self.name)))

    def unpainted(self) -> list[Picture]:
        """The subjects, each [SIDE, SIDE, 3]."""
        return [_square(path) for path in self.subjects]


@dataclass(frozen=True)
class Progress:
    done: int
    total: int
    name: str


class Collection:
    """All groups, made or not, and the folder where they lie.

    Raises:
        InputError: the data folder lacks something.
    """

    def __init__(self, config: CollectionConfig) -> None:
        self.config = config
        self._natural = _spread(asset_files("photos", "jpg"), config.photos) + _spread(
            asset_files("videos", "mp4"), config.frames
        )
        self._paintings, self._captions = asset_files("styles", "jpg"), painting_captions()
        self._subjects = self._natural + _spread(self._paintings, config.paintings)
        self.groups = [*self._untouched(), *self._after_paintings(), *self._after_code()]
        weights = b"".join(weights_file(name).read_bytes() for name in (SWIFT, ENCODER))
        self.key = hashlib.sha256(f"{config} {SIDE} {HELD_OUT}".encode() + weights).hexdigest()[:8]
        self.folder = cache_dir() / "training" / f"csd-pictures-{self.key}"

    def make(self) -> Iterator[Progress]:
        """Make the groups that are not there yet; yields after each."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for number, group in enumerate(self.groups, 1):
            file = self.file(group)
            if not file.exists():
                with written_atomically(file) as temporary, writing(file):
                    np.save(temporary, group.make())
                yield Progress(number, len(self.groups), group.name)

    def file(self, group: Group) -> Path:
        """Where the pictures of a group are once they are made: uint8 [N, SIDE, SIDE, 3]."""
        return self.folder / f"{group.name}.npy"

    def _untouched(self) -> Iterator[Group]:
        each = self.config.each
        for paths, label in ((self._natural, self._photo_label), (self._paintings, self._painting_label)):
            for start in range(0, len(paths), each):
                subjects = tuple(paths[start : start + each])
                labels = tuple(label(path) for path in subjects)
                yield Group(f"{subjects[0].parent.name}-{start:04d}", subjects, labels, untouched)

    def _after_paintings(self) -> Iterator[Group]:
        taken = _spread(self._paintings, self.config.swift)
        for path in taken:
            label = self._painting_label(path)
            yield self._group(f"swift-{path.stem}", label, Swift(partial(_read, path)))
        others = [path for path in self._paintings if path not in taken]
        for path in _spread(others, self.config.graded):
            name = f"graded-{path.stem}"
            yield self._group(name, Label(name, "", "", ""), Graded(partial(_read, path)))

    def _after_code(self) -> Iterator[Group]:
        kinds = [kind for kind in STYLE_KINDS if kind not in HELD_OUT]
        for kind, number in product(kinds, range(self.config.drawn)):
            style, hand = f"{kind}-{number}", Drawn(kind, number)
            group = self._group(f"drawn-{style}", Label(style, "", kind, ""), hand)
            yield group
            if number < self.config.copied:
                copied = partial(_drawn_over, hand, group.subjects[0])
                yield self._group(f"swift-{style}", Label(style, "", kind, ""), Swift(copied))

    def _group(self, name: str, label: Label, hand: Hand) -> Group:
        """Random subjects in one style."""
        count = min(self.config.each, len(self._subjects))
        chosen = _rng(name, "subjects").choice(len(self._subjects), count, replace=False)
        subjects = tuple(self._subjects[i] for i in chosen)
        return Group(name, subjects, tuple(label._replace(content=path.stem) for path in subjects), hand)

    def _photo_label(self, path: Path) -> Label:
        return Label("photo", "", "", path.stem)

    def _painting_label(self, path: Path) -> Label:
        caption = self._captions.get(path.stem, {})
        return Label(path.stem, artist_name(caption), caption.get("movement") or "", path.stem)


def _rng(*names: str) -> np.random.Generator:
    return np.random.default_rng(list("/".join(names).encode()))


def asset_files(folder: str, suffix: str) -> list[Path]:
    """All files of a folder of the data folder that end so, by name; raises `InputError` where there is none."""
    paths = sorted((assets_dir() / folder).glob(f"*.{suffix}"))
    if not paths:
        raise InputError(f"Nothing to train on in {assets_dir() / folder}; set IMPASTO_ASSETS (see docs/data.md).")
    return paths


def painting_captions() -> dict[str, dict[str, Any]]:
    """What museums say of the paintings to train on, by file name; raises `InputError` where that is missing."""
    path = assets_dir() / "styles" / "captions.jsonl"
    if not path.is_file():
        raise InputError(f"The artists of the paintings are missing: {path}; set IMPASTO_ASSETS (see docs/data.md).")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {Path(row["file"]).stem: row for row in rows}


def artist_name(caption: dict[str, Any]) -> str:
    """Without nation and years, which museums add: "Claude Monet (French, 1840-1926)"; empty where nobody is known."""
    return re.sub(r"\s*\(.*", "", caption.get("artist") or "")


def _spread(items: Sequence[Item], most: int) -> list[Item]:
    """At most so many items from all over a list."""
    count = min(most, len(items))
    return [items[number * len(items) // count] for number in range(count)]


def _read(path: Path) -> Picture:
    return read_clip(path, 1)[0] if path.suffix == ".mp4" else read_picture(path)[0]


def _square(path: Path) -> Picture:
    """The middle of a picture, or of the first frame of a clip."""
    rgb = short_side(_read(path), SIDE)
    top, left = ((extent - SIDE) // 2 for extent in rgb.shape[:2])
    return np.ascontiguousarray(rgb[top : top + SIDE, left : left + SIDE])


def _drawn_over(hand: Drawn, path: Path) -> Picture:
    return hand.over(_square(path))
