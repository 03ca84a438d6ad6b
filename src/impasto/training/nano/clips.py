"""What the nano base sees, as frames in shards: made once, by `impasto train nano-clips`, a shard at a time.

A clip of 17 frames of 256x144 takes 1.9 MB, a picture 0.1; the VAE learns from crops of them, the transformer from what
the VAE makes of them (impasto.training.nano.latents).
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from impasto.perception.clipnano import ClipConfig
from impasto.scenes.styles import STYLE_KINDS
from impasto.training.clipmaterial import Material, MaterialConfig
from impasto.training.csdhands import Drawn
from impasto.training.csdpictures import Progress, asset_files
from impasto.training.group import Group
from impasto.training.nano.shards import Part, content_key, shard_folder, write_shard
from impasto.training.nano.sources import Pan, Redrawn, Rendered, Single, Source, Window

CLIPS = "nano-clips"
"""The folder of the shards, and the recipe that makes them."""
HELD_BACK = 24
"""One of so many origins is not trained on."""
HANDS = 40
"""Different hands of each kind of style that is made by code, at most."""


@dataclass(frozen=True)
class ClipsConfig:
    scenes: int = 1200
    windows: int = 12
    """Of each real clip."""
    pans: int = 300
    """Over paintings and photos; each of these is a picture by itself as well."""
    drawn: int = 500
    """Further scenes and windows, redrawn in styles that are made by code."""
    pictures: int = 12
    """Photos redrawn in each of these styles."""
    frames: int = 17
    shard: int = 32


def sources(config: ClipsConfig) -> list[Source]:
    """All there is to see; raises `InputError` where the data folder lacks something."""
    material = Material(MaterialConfig(scenes=config.scenes, drawn=config.pictures), ClipConfig())
    stills, frames = [*material.paintings, *material.photos], config.frames
    seen: list[Source] = [Single(still) for still in stills]
    seen += [Rendered(seed, frames) for seed in material.scenes]
    seen += [Window(footage, number, frames) for number in range(config.windows) for footage in material.footage]
    plain = [still for still in stills if still.drawn is None]
    panned = [plain[number * len(plain) // config.pans] for number in range(min(config.pans, len(plain)))]
    seen += [Pan(still, frames) for still in panned]
    hands = [Drawn(STYLE_KINDS[i % len(STYLE_KINDS)], i // len(STYLE_KINDS) % HANDS) for i in range(config.drawn)]
    real = material.footage
    for number, hand in enumerate(hands):
        if number % 3 or not real:
            seen.append(Redrawn(Rendered(config.scenes + number, frames), hand))
        else:
            turn, place = divmod(number // 3, len(real))
            seen.append(Redrawn(Window(real[place], config.windows + turn, frames), hand))
    return seen


def is_held_back(source: Source) -> bool:
    """Whether a source is held back; hangs on its origin alone, whatever else there is."""
    return zlib.crc32(source.origin.encode()) % HELD_BACK == 0


@dataclass(frozen=True)
class Shard:
    """Some sources that are made together."""

    path: Path
    sources: Sequence[Source]

    def make(self) -> None:
        tensors, texts = {}, {}
        for source in self.sources:
            # Chance hangs on the name alone, so that the order of the sources means nothing.
            clip = source.make(np.random.default_rng(list(source.name.encode())))
            tensors[source.name], texts[source.name] = torch.from_numpy(clip.frames), clip.texts
        write_shard(self.path, tensors, texts)


def clip_shards(config: ClipsConfig) -> list[Shard]:
    """All shards, made or not; raises `InputError` where the data folder lacks something."""
    seen = sources(config)
    assets = [path for folder, suffix in (("videos", "mp4"), ("styles", "jpg"), ("photos", "jpg"))
              for path in asset_files(folder, suffix)]  # fmt: skip
    key, folder = content_key(assets, config), shard_folder(CLIPS)
    shards = []
    parts: tuple[tuple[Part, bool], ...] = (("train", False), ("held", True))
    for part, held in parts:
        items = [source for source in seen if is_held_back(source) == held]
        order = np.random.default_rng(0).permutation(len(items))
        for number, start in enumerate(range(0, len(items), config.shard)):
            chosen = [items[i] for i in order[start : start + config.shard]]
            shards.append(Shard(folder / f"{key}-{part}-{number:04d}.safetensors", chosen))
    return shards


def make_clips(config: ClipsConfig) -> Iterator[Progress]:
    """Make the shards that are not there yet, this process its share; yields after each.

    Raises:
        InputError: as `clip_shards` does.
    """
    shards = clip_shards(config)
    for number, shard in Group().deal(shards):
        if not shard.path.exists():
            shard.make()
            yield Progress(number, len(shards), shard.path.stem)
