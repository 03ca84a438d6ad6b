"""Recipe of the prior from text to style code.

Run: `impasto train prior`, after a new encoder or text encoder: ten minutes on one core. Paintings as they are and in
other colours, and pictures in styles that are made by code, are encoded once and kept in the cache folder; then they
are described. The only chance in it is that of the words.

Legend: N styles, M descriptions, C numbers of a style.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from impasto.perception.encoder import VGG_CHANNELS, embedded_encoder
from impasto.perception.encoder import WEIGHTS as ENCODER
from impasto.perception.text.weights import embedded_text_encoder
from impasto.scenes.styles import STYLE_KINDS, style_picture
from impasto.stylizers.feedforward.code import STYLE_SIDE, encode_style
from impasto.stylizers.feedforward.prior import Prior, PriorConfig, save_prior, style_numbers
from impasto.stylizers.registry import PRIOR
from impasto.training.csdpictures import Progress, asset_files, painting_captions
from impasto.training.pictures import batch, random_crop, short_side
from impasto.training.stylebank import new_palette
from impasto.training.stylewords import look, look_text, medium_text, painting_text, quarters
from impasto.video.files import written_atomically
from impasto.video.pictures import read_picture
from impasto.video.types import Picture
from impasto.weights.memory import keep_freed_memory
from impasto.weights.paths import EMBEDDED, cache_dir, weights_file

HELD_BACK = 40
"""Paintings with a full caption that the prior does not know: `benchmarks.text` asks for them."""


@dataclass(frozen=True)
class PriorRun:
    net: PriorConfig = field(default_factory=PriorConfig)
    recoloured: int = 2
    """Versions of each painting in other colours, which teach what the words for colours mean."""
    drawn: int = 24
    """Pictures in each style that is made by code."""
    descriptions: tuple[tuple[str, int], ...] = (("painting", 4), ("recoloured", 2), ("drawn", 2))
    """Of each picture, by its kind, besides the caption that a museum gave it."""


@dataclass(frozen=True)
class Example:
    """A picture to learn from."""

    kind: str
    """painting, recoloured or drawn."""
    name: str
    """Of the painting's file, or of the style that is made by code."""
    numbers: Tensor
    """[C]"""
    look: NDArray[np.float32]
    """As `impasto.training.stylewords.look` gives it."""


def held_back(captions: dict[str, dict[str, Any]]) -> list[str]:
    """Names of the paintings that the prior does not learn from, always the same."""
    full = sorted(name for name, row in captions.items() if row.get("artist") and row.get("movement"))
    return [full[i] for i in np.random.default_rng(0).permutation(len(full))[:HELD_BACK]]


def train(run: PriorRun, output: Path = EMBEDDED / PRIOR) -> Iterator[Progress]:
    """Encode the pictures that are not in the cache, fit, and write `output`.

    Raises:
        InputError: the data folder lacks something.
        ModelError: the text encoder is missing.
    """
    keep_freed_memory()
    yield from encode(run)
    save_prior(fit(run, read_examples(run), painting_captions()), output)
    yield Progress(1, 1, output.name)


def fit(run: PriorRun, examples: list[Example], captions: dict[str, dict[str, Any]]) -> Prior:
    """The memory of the examples, but for those held back; captions are those of paintings, by their names."""
    kept_out = set(held_back(captions))
    examples = [example for example in examples if example.name not in kept_out]
    numbers_NC = torch.stack([example.numbers for example in examples])
    paintings_N = torch.tensor([example.kind == "painting" for example in examples])
    texts, owners = zip(*descriptions(run, examples, captions), strict=True)
    sentences_MD = embedded_text_encoder().embed(texts)
    prior = Prior(run.net, sentences_MD.shape[1], len(texts), len(examples))
    prior.mean.copy_(numbers_NC[paintings_N].mean(0))
    prior.scale.copy_(_scale(numbers_NC))
    deviations_NC = (numbers_NC - prior.mean) / prior.scale
    prior.components.copy_(_main_directions(deviations_NC, run.net.kept))
    prior.places.copy_(deviations_NC @ prior.components.T)
    prior.sentence_mean.copy_(sentences_MD.mean(0))
    seen_MD = F.normalize(sentences_MD - prior.sentence_mean, dim=1)
    prior.sentence_basis.copy_(_main_directions(seen_MD, run.net.sentence_kept))
    prior.known.copy_(prior.meaning(sentences_MD))
    prior.owners.copy_(torch.tensor(owners))
    return prior


def _main_directions(rows: Tensor, count: int) -> Tensor:
    return torch.linalg.svd(rows, full_matrices=False).Vh[:count]


def _scale(numbers_NC: Tensor) -> Tensor:
    """What each number is divided by, so that every layer, and the colours, vary by 1 in all."""
    sizes = [2 * channels for channels in VGG_CHANNELS] + [12]
    parts = numbers_NC.split(sizes, 1)
    return torch.cat([part.var(0).sum().sqrt().expand(part.shape[1]) for part in parts])


def descriptions(run: PriorRun, examples: list[Example], captions: dict[str, dict[str, Any]]) -> list[tuple[str, int]]:
    """Texts, each with the number of the example that it speaks of; none twice of the same example."""
    bounds = quarters(np.stack([example.look for example in examples]))
    said: dict[tuple[str, int], None] = {}
    for number, example in enumerate(examples):
        rng, caption = np.random.default_rng(number), captions.get(example.name, {})
        if example.kind == "painting" and caption.get("movement"):
            said[caption["caption"], number] = None
        for _ in range(dict(run.descriptions)[example.kind]):
            said[_description(example, caption, bounds, rng), number] = None
    return list(said)


def _description(
    example: Example,
    caption: dict[str, Any],
    bounds: NDArray[np.float32],
    rng: np.random.Generator,
) -> str:
    seen = look_text(example.look, bounds, rng)
    if example.kind == "drawn":
        made = medium_text(example.name, rng)
    else:
        made = painting_text(caption, example.kind == "recoloured", rng)
    # Of palette or texture alone, of the making alone, or of both.
    share = rng.random()
    parts = [seen] if share < 0.2 and seen else [made] if share < 0.4 else [made, seen]
    return ", ".join(part for part in parts if part)


def encode(run: PriorRun) -> Iterator[Progress]:
    """Encode all pictures, unless the cache folder has them."""
    rows, total = [], len(asset_files("styles", "jpg")) * (1 + run.recoloured) + len(STYLE_KINDS) * run.drawn
    if not examples_file(run).exists():
        for number, (kind, name, picture) in enumerate(_pictures(run), 1):
            rows.append((kind, name, _numbers(picture), torch.from_numpy(look(picture))))
            if number % 50 == 0:
                yield Progress(number, total, name)
        kinds, names, numbers, looks = zip(*rows, strict=True)
        with written_atomically(examples_file(run)) as partial:
            metadata = {"pictures": json.dumps([kinds, names])}
            save_file({"numbers": torch.stack(numbers), "looks": torch.stack(looks)}, partial, metadata)


def read_examples(run: PriorRun) -> list[Example]:
    """What `encode` kept."""
    with safe_open(examples_file(run), "pt") as file:
        kinds, names = json.loads(file.metadata()["pictures"])
    table = load_file(examples_file(run))
    return [Example(*row) for row in zip(kinds, names, table["numbers"], table["looks"].numpy(), strict=True)]


def examples_file(run: PriorRun) -> Path:
    eyes = hashlib.sha256(weights_file(ENCODER).read_bytes()).hexdigest()[:8]
    return cache_dir() / "training" / f"prior-{run.recoloured}-{run.drawn}-{eyes}.safetensors"


def _pictures(run: PriorRun) -> Iterator[tuple[str, str, Picture]]:
    rng = np.random.default_rng(0)
    for path in asset_files("styles", "jpg"):
        painting = read_picture(path)[0]
        yield "painting", path.stem, painting
        for _ in range(run.recoloured):
            yield "recoloured", path.stem, new_palette(painting, rng)
    photos = asset_files("photos", "jpg")
    for kind in STYLE_KINDS:
        for number in range(run.drawn):
            subject = None
            if number % 3:
                photo = read_picture(photos[int(rng.integers(len(photos)))])[0]
                subject = random_crop(photo, STYLE_SIDE, rng, (256, 320)) / np.float32(255)
            made = style_picture(kind, rng, (STYLE_SIDE, STYLE_SIDE), subject)
            yield "drawn", kind, (np.clip(made, 0, 1) * 255).round().astype(np.uint8)


def _numbers(picture: Picture) -> Tensor:
    pixels = torch.from_numpy(batch([short_side(picture, STYLE_SIDE)]))
    return style_numbers(encode_style(embedded_encoder(), pixels.contiguous(memory_format=torch.channels_last)))
