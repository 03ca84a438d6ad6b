"""The styles that `swift` is trained on, as statistics computed once and kept in the cache folder.

Paintings of the data folder (never `eval/`) in several crops and palettes, and pictures made by code
(impasto.scenes.styles): the paintings lack ink, halftone, woodcut, mosaic and the like.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor

from impasto.color.transport import ColorStatistics, color_statistics
from impasto.perception.encoder import WEIGHTS, embedded_encoder
from impasto.perception.statistics import style_statistics
from impasto.perception.teacher import Teacher
from impasto.scenes.styles import STYLE_KINDS, style_picture
from impasto.stylizers.feedforward.code import STYLE_SIDE, StyleCode, mix
from impasto.training.pictures import batch, random_crop, read_folder
from impasto.weights.memory import channels_last, keep_freed_memory
from impasto.weights.paths import assets_dir, cache_dir, weights_file
from impasto.weights.precision import autocast


@dataclass(frozen=True)
class StyleBank:
    codes: Tensor
    """[N, 2944], by the embedded encoder: what the predictor sees."""
    targets: Tensor
    """[N, 2944], by the teacher: what the loss aims at."""
    means: Tensor
    """[N, 3]"""
    covariances: Tensor
    """[N, 3, 3]"""

    def style(self, picks: Sequence[int], rng: np.random.Generator) -> tuple[Tensor, Tensor, ColorStatistics]:
        """Code, target and colours of one style, or of the union of two in random shares: styles never run out."""
        if len(picks) == 1:
            i = picks[0]
            return self.codes[i], self.targets[i], ColorStatistics(self.means[i], self.covariances[i])
        share = float(rng.uniform(0.2, 0.8))
        colors = [ColorStatistics(self.means[i], self.covariances[i]) for i in picks]
        unions = [
            mix([StyleCode(table[i], c) for i, c in zip(picks, colors, strict=True)], [share, 1 - share])
            for table in (self.codes, self.targets)
        ]
        return unions[0].statistics, unions[1].statistics, unions[0].colors


def new_palette(crop: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """The picture with channels swapped, tinted, bleached or darkened."""
    colors = crop.astype(np.float32)[..., rng.permutation(3)] / 255
    gray = colors.mean(-1, keepdims=True)
    colors = gray + (colors - gray) * rng.uniform(0, 1.6)
    colors = np.clip(colors, 0, 1) ** rng.uniform(0.6, 1.6, 3) * rng.uniform(0.7, 1.0, 3) + rng.uniform(0, 0.2, 3)
    return (np.clip(colors, 0, 1) * 255).astype(np.uint8)


def style_crops(rng: np.random.Generator, crops_each: int, made_each: int) -> Iterator[NDArray[np.uint8]]:
    """Square crops of `STYLE_SIDE` pixels."""
    photos = read_folder(assets_dir() / "photos")
    for painting in read_folder(assets_dir() / "styles"):
        for number in range(crops_each):
            crop = random_crop(painting, STYLE_SIDE, rng, (STYLE_SIDE, STYLE_SIDE if number < 2 else 2 * STYLE_SIDE))
            yield new_palette(crop, rng) if number % 2 else crop
    for kind in STYLE_KINDS:
        for number in range(made_each):
            subject = None
            if number % 3:
                subject = (
                    random_crop(photos[int(rng.integers(len(photos)))], STYLE_SIDE, rng, (256, 320)).astype(np.float32)
                    / 255
                )
            made = style_picture(kind, rng, (STYLE_SIDE, STYLE_SIDE), subject)
            yield (np.clip(made, 0, 1) * 255).round().astype(np.uint8)


@torch.no_grad()
def style_bank(crops_each: int = 6, made_each: int = 64) -> StyleBank:
    """Load the bank from the cache, or make it (a few minutes): one for each encoder, whose eyes the codes are of."""
    eyes = hashlib.sha256(weights_file(WEIGHTS).read_bytes()).hexdigest()[:8]
    path = cache_dir() / "training" / f"styles-{crops_each}-{made_each}-{eyes}.safetensors"
    if not path.exists():
        keep_freed_memory()
        teacher, encoder = channels_last(Teacher()), embedded_encoder()
        rows: dict[str, list[Tensor]] = {"codes": [], "targets": [], "means": [], "covariances": []}
        for crop in style_crops(np.random.default_rng(1), crops_each, made_each):
            rgb = torch.from_numpy(batch([crop])).contiguous(memory_format=torch.channels_last)
            for key, net in (("codes", encoder), ("targets", teacher)):
                with autocast():
                    features = net(rgb)
                rows[key].append(torch.cat(style_statistics(features), 1)[0])
            colors = color_statistics(rgb[0].flatten(1).T)
            rows["means"].append(colors.mean)
            rows["covariances"].append(colors.covariance)
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({key: torch.stack(values) for key, values in rows.items()}, path)
    return StyleBank(**load_file(path))
