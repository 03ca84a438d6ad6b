"""A paired set: clips as they are and the same clips repainted, with what says how; as shards of frames and of latents.

Whoever makes pairs writes shards of frames with `write_pairs`; `encode_pairs` makes of them the latents and features
that a base learns from, once. Everything is known of a shard by its file, so that it can be carried elsewhere.

Legend: T frames (4n + 1), H height, W width, K style pictures, C latent channels, t latent frames, h w their size, L
text tokens, N picture tokens, D channels of tokens.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from torch import Tensor

from impasto.errors import InputError
from impasto.stylizers.dreamstyle.looks import as_tensor, filled
from impasto.training.csdpictures import Progress
from impasto.training.dreamstyle.ground import Ground
from impasto.training.group import Group
from impasto.training.nano.shards import Part, read_notes, shard_files, write_shard
from impasto.weights.rows import SCALE, from_bytes, to_bytes

PAIRS = "dreamstyle-pairs"
"""The recipe, and the folder of its shards."""


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One clip, twice."""

    name: str
    """No other pair of the set has it; without a slash."""
    raw: np.ndarray
    """uint8 [T, H, W, 3]; sides are multiples of 16."""
    stylized: np.ndarray
    """The same clip repainted, frame by frame."""
    styles: Sequence[np.ndarray]
    """2 to 4 pictures, uint8 [H, W, 3] of any size, of *other* content in the same style: one with the clip's own
    content teaches copying."""
    plain: str
    """What the clip shows, without a word on style, palette, texture or tone."""
    styled: str
    """The same with words on the style; empty where nobody knows any."""
    route: str
    """How the pair was made."""
    best: bool = False
    """Whether it belongs to the small set of the second stage."""


def write_pairs(path: Path, pairs: Sequence[Pair]) -> None:
    """Write a shard of pairs; the file appears whole or not at all.

    Args:
        path: `KEY-train-NUMBER.safetensors`, or `held` for pairs that are not trained on.
    """
    tensors, notes = {}, {}
    for pair in pairs:
        pictures = {"raw": pair.raw, "stylized": pair.stylized}
        pictures |= {f"style {number}": style for number, style in enumerate(pair.styles)}
        tensors |= {f"{pair.name}/{what}": torch.tensor(value) for what, value in pictures.items()}
        notes[pair.name] = {name: getattr(pair, name) for name in ("plain", "styled", "route", "best")}
    write_shard(path, tensors, notes)


def read_pairs(path: Path) -> Iterator[Pair]:
    """The pairs of a shard that `write_pairs` wrote, one after the other."""
    notes = read_notes(path)
    with safe_open(path, "pt") as file:
        names = list(file.keys())
        for name, about in notes.items():
            own = sorted(key for key in names if key.startswith(f"{name}/style "))
            raw, stylized, *styles = (file.get_tensor(key).numpy() for key in (f"{name}/raw", f"{name}/stylized", *own))
            yield Pair(name=name, raw=raw, stylized=stylized, styles=styles, **about)


@dataclass(frozen=True)
class Sample:
    """A pair as a base learns from it, read when it is asked for: a large set fits no memory."""

    name: str
    shape: tuple[int, int, int]
    """(t, h, w) of the latents."""
    styles: int
    """(K)"""
    route: str
    best: bool
    worded: bool
    """Whether there are words on the style."""
    file: Path
    """The shard that has its tensors, as bytes with scales (impasto.weights.rows)."""

    def read(self, what: str) -> Tensor:
        """Float32: `raw` and `stylized` [C, t, h, w]; `style K` [C, 1, h, w]; `tokens K` and `tokens first` [N, D] of
        style pictures and of the painted first frame; `text plain` and `text styled` [L, D]."""
        key = f"{self.name}/{what}"
        with safe_open(self.file, "pt") as file:
            there = set(file.keys())
            return from_bytes({each: file.get_tensor(each) for each in (key, key + SCALE) if each in there})[key]


def encode_pairs(ground: Ground) -> Iterator[Progress]:
    """Make the shards of latents that are not there yet, this process its share; yields after each.

    Raises:
        InputError: there are no pairs.
        ModelError: a network of the base is missing.
    """
    parts: tuple[Part, ...] = ("train", "held")
    files = [file for part in parts for file in shard_files(ground.pairs, part, PAIRS)]
    for number, file in Group().deal(files):
        path = ground.latents / file.name
        if not path.exists():
            _write_latents(path, file, ground)
            yield Progress(number, len(files), file.stem)


def samples(ground: Ground, part: Part) -> list[Sample]:
    """All of a part whose pairs are still there; raises `InputError` where there are none."""
    found = []
    for pairs in shard_files(ground.pairs, part, PAIRS):
        file = ground.latents / pairs.name
        for name, about in read_notes(file).items():
            shape = tuple(about["shape"])
            found.append(Sample(name, shape, about["styles"], about["route"], about["best"], about["worded"], file))
    return found


def of_routes(found: Sequence[Sample], ends: tuple[str, ...]) -> list[Sample]:
    """Those of routes whose names end so, all where nothing is asked; raises `InputError` where there are none."""
    chosen = [sample for sample in found if not ends or sample.route.endswith(ends)]
    if not chosen:
        raise InputError(f"No pair is of a route {' or '.join(map(repr, ends))}; make some, or choose another route.")
    return chosen


def stills_of(found: Sequence[Sample]) -> list[Sample]:
    """Those of one frame; raises `InputError` where there are none."""
    stills = [sample for sample in found if sample.shape[0] == 1]
    if not stills:
        raise InputError("No pair is a still; make some with `impasto train dreamstyle-stills`.")
    return stills


def clips_of(found: Sequence[Sample]) -> list[Sample]:
    """Those of more than one frame; raises `InputError` where there are none."""
    clips = [sample for sample in found if sample.shape[0] > 1]
    if not clips:
        raise InputError("No pair is of clips; make some with `impasto train dreamstyle-pairs`.")
    return clips


def best_of(found: Sequence[Sample]) -> list[Sample]:
    """Those of the second stage; raises `InputError` where there are none."""
    best = [sample for sample in found if sample.best]
    if not best:
        raise InputError("No pair is marked for the second stage; mark the best ones, or train the first stage alone.")
    return best


def worded(found: Sequence[Sample]) -> list[Sample]:
    """Those with words on the style; raises `InputError` where there are none."""
    chosen = [sample for sample in found if sample.worded]
    if not chosen:
        raise InputError("No pair has words on its style, so none teaches to paint after a text; caption some.")
    return chosen


def _write_latents(path: Path, pairs: Path, ground: Ground) -> None:
    tensors, notes = {}, {}
    # In a set of stills one picture is the painted side of a pair, and a style picture of others.
    ground = replace(ground, latent=_once(ground.latent), look=_once(ground.look))
    for pair in read_pairs(pairs):
        encoded = _encoded(pair, ground)
        notes[pair.name] = {
            "shape": list(encoded["raw"].shape[1:]),
            "styles": len(pair.styles),
            "route": pair.route,
            "best": pair.best,
            "worded": bool(pair.styled),
        }
        tensors |= {f"{pair.name}/{what}": value for what, value in to_bytes(encoded).items()}
    write_shard(path, tensors, notes)


def _encoded(pair: Pair, ground: Ground) -> dict[str, Tensor]:
    height, width = pair.raw.shape[1:3]
    encoded = {"raw": ground.latent(_clip(pair.raw)), "stylized": ground.latent(_clip(pair.stylized))}
    encoded["tokens first"] = ground.look(as_tensor(pair.stylized[0]))[0]
    for number, style in enumerate(pair.styles):
        picture_13HW = as_tensor(filled(style, (width, height)))
        encoded[f"style {number}"] = ground.latent(picture_13HW)
        encoded[f"tokens {number}"] = ground.look(picture_13HW)[0]
    for what, text_LD in zip(("plain", "styled"), ground.read([pair.plain, pair.styled]), strict=True):
        encoded[f"text {what}"] = text_LD[text_LD.any(1)].float().cpu()  # after the text there are zeros
    return encoded


def _once(encode: Callable[[Tensor], Tensor]) -> Callable[[Tensor], Tensor]:
    """The same, and what was encoded is remembered."""
    known: dict[tuple[torch.Size, bytes], Tensor] = {}

    def encoded(pictures: Tensor) -> Tensor:
        key = pictures.shape, hashlib.sha256(pictures.numpy().tobytes()).digest()
        if key not in known:
            known[key] = encode(pictures)
        return known[key]

    return encoded


def _clip(frames_THW3: np.ndarray) -> Tensor:
    """[T, 3, H, W] in [0, 1]."""
    return torch.from_numpy(frames_THW3).permute(0, 3, 1, 2).float() / 255
