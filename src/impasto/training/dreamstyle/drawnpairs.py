"""Pairs that need no curation: clips of the nano base, drawn by a hand of code or painted by `swift`.

Run: `impasto train dreamstyle-pairs`, after `nano-clips`. The motion of both sides is the same by construction. A hand
of code keeps palette, scale and marks over all that it draws, so that its drawings of other clips are style pictures;
`swift` paints a clip with one network in the style of a painting, which is the first of them.

Legend: T frames, H height, W width.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from impasto.training.csdhands import Drawn, Swift
from impasto.training.csdpictures import Progress
from impasto.training.dreamstyle.hands import StyleHand, hand_of, painter_name, style_name, style_words
from impasto.training.dreamstyle.pairs import PAIRS, Pair, write_pairs
from impasto.training.nano.frames import Kept, kept_clips
from impasto.training.nano.shards import Part, content_key, read_notes, shard_folder
from impasto.training.stylewords import in_style
from impasto.video.pictures import read_picture
from impasto.weights.paths import assets_dir

SHOWN = ("scene-", "window-")
"""How the names of clips begin that are as a camera sees them: rendered, and real."""
REAL = "window-"


@dataclass(frozen=True)
class PairsConfig:
    pairs: int = 384
    held: int = 24
    """Of clips that are held back."""
    swift: float = 0.4
    """Share painted by `swift` in the style of a painting; there must be some in the data folder."""
    numbers: int = 40
    """Different hands of each kind of style that is made by code."""
    styles: int = 2
    """Style pictures of each pair."""
    shard: int = 16


@dataclass(frozen=True)
class Order:
    """A pair that is to be made."""

    name: str
    clip: Kept
    others: tuple[Kept, ...]
    """Clips of other content, that the style pictures show."""
    hand: StyleHand

    def make(self) -> Pair:
        """Both sides, captions and style pictures."""
        rng = np.random.default_rng(list(self.name.encode()))
        raw = self.clip.read().numpy()
        subjects = [other.read(slice(0, 1)).numpy()[0] for other in self.others]
        if isinstance(self.hand, Drawn):
            painted = self.hand([*raw, *subjects], rng)
            words = style_words(self.hand, rng)
            styles = painted[len(raw) :]
        else:
            painting = read_picture(self.hand)[0]
            swift = Swift(lambda: painting)
            painted, words = swift.clip([*raw]), style_words(self.hand, rng)
            styles = [painting, *(picture for subject in subjects[1:] for picture in swift.clip([subject]))]
        texts = read_notes(self.clip.file)[self.clip.name]
        plain = str(rng.choice(texts))
        real = self.clip.name.startswith(REAL)
        return Pair(
            name=self.name,
            raw=raw,
            stylized=np.stack(painted[: len(raw)]),
            styles=styles,
            plain=plain,
            styled=in_style(plain, words, rng),
            route=f"{'real' if real else 'rendered'}, {painter_name(self.hand)}",
            best=real,  # as the clips are that users have
        )


def orders(config: PairsConfig, part: Part) -> list[Order]:
    """All pairs of a part; raises `InputError` where there are no clips."""
    clips = [clip for clip in kept_clips(part) if clip.name.startswith(SHOWN)]
    longest = max((clip.shape[0] for clip in clips), default=0)
    clips = [clip for clip in clips if clip.shape[0] == longest]
    paintings = sorted((assets_dir() / "styles").glob("*.jpg"))
    rng = np.random.default_rng([len(part), config.pairs])
    found = []
    for number in range(config.pairs if part == "train" else config.held):
        first, *others = (clips[i] for i in rng.permutation(len(clips))[: 1 + config.styles])
        hand = hand_of(number, range(config.numbers), config.swift, paintings, rng)
        found.append(Order(f"{number:04d}-{first.name}-{style_name(hand)}", first, tuple(others), hand))
    return found


def make_pairs(config: PairsConfig) -> Iterator[Progress]:
    """Make the shards that are not there yet; yields after each. Raises `InputError` where there are no clips."""
    parts: tuple[Part, ...] = ("train", "held")
    shards = [shard for part in parts for shard in _shards(config, part)]
    for number, (path, wanted) in enumerate(shards, 1):
        if not path.exists():
            write_pairs(path, [order.make() for order in wanted])
            yield Progress(number, len(shards), path.stem)


def _shards(config: PairsConfig, part: Part) -> Iterator[tuple[Path, Sequence[Order]]]:
    wanted = orders(config, part)
    key = content_key([], config, [order.name for order in wanted])
    for number, start in enumerate(range(0, len(wanted), config.shard)):
        path = shard_folder(PAIRS) / f"{key}-{part}-{number:04d}.safetensors"
        yield path, wanted[start : start + config.shard]
