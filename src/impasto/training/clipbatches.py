"""What a step of `clip-nano`'s training looks at: pictures with texts, and clips with right and wrong captions.

Chance hangs on the number of the step alone.

Legend: B pictures or clips, T frames, P patches, S numbers by which a patch is seen, C numbers of a place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import torch
from torch import Tensor

from impasto.perception.clipmatch import FRAMES, places
from impasto.scenes.world.captions import caption, wrong_caption
from impasto.scenes.world.description import Description, Part
from impasto.training.clipmaterial import NOTHING, WIDE, Footage, Grid, Material, SceneClip, Still

Item = TypeVar("Item")
HELD_BACK = 10
"""Every tenth of each kind is not trained on, to see what is learned by heart."""


@dataclass(frozen=True)
class BatchSizes:
    """Of each kind, at most; fewer where there are no more."""

    paintings: int = 48
    photos: int = 32
    frames: int = 4
    """Of real clips."""
    scenes: int = 48
    patches: int = 72
    """That are kept of a picture's 144, at random: twice as fast, and harder to know by heart (Li 2023, FLIP)."""
    clips: int = 12
    """Scenes whose captions are judged."""
    footage: int = 2
    """Real clips, likewise."""


class PictureBatch(NamedTuple):
    tokens: Tensor
    """[B, P, S]"""
    places: Tensor
    """[B, P, C]"""
    texts: list[str]
    """One of each picture."""
    true: Tensor
    """bool [B, B]: whether a text is true of a picture, also where it was drawn for another."""
    phrases: list[str]
    """Of the objects in the scenes."""
    wanted: Tensor
    """[B, P]: the phrase of what covers a patch; negative where that is unknown."""


class ClipBatch(NamedTuple):
    tokens: Tensor
    """[B, T, P, S] of whole frames."""
    right: list[str]
    wrong: list[str]


@dataclass(frozen=True)
class Pool:
    """What can be drawn."""

    material: Material
    paintings: Sequence[Still]
    photos: Sequence[Still]
    footage: Sequence[Footage]
    scenes: Sequence[int]

    @classmethod
    def split(cls, material: Material) -> tuple["Pool", "Pool"]:
        """What is trained on, and what is held back."""
        m = material
        trained = cls(m, _trained(m.paintings), _trained(m.photos), _trained(m.footage), _trained(m.scenes))
        held = (m.paintings[::HELD_BACK], m.photos[::HELD_BACK], m.footage[::HELD_BACK], m.scenes[::HELD_BACK])
        return trained, cls(m, *held)

    def pictures(self, rng: np.random.Generator, sizes: BatchSizes) -> PictureBatch:
        """Pictures with a text each."""
        tokens: list[Tensor] = []
        grids: list[Grid] = []
        true: list[tuple[str, ...]] = []
        for still in [*_some(self.paintings, sizes.paintings, rng), *_some(self.photos, sizes.photos, rng)]:
            view, grid = self.material.view(still, int(rng.integers(self.material.config.views)))
            tokens.append(view)
            grids.append(grid)
            true.append(still.texts)
        for footage in _some(self.footage, sizes.frames, rng):
            tokens.append(self.material.clip(footage, _any_frame(rng))[0])
            true.append((footage.caption,))
        scenes = [self.material.scene(seed, _any_frame(rng)) for seed in _some(self.scenes, sizes.scenes, rng)]
        tokens += [scene.tokens[0] for scene in scenes]
        true += [(caption(scene.description, rng),) for scene in scenes]
        grids += [WIDE] * (len(tokens) - len(grids))
        phrases, wanted = _phrases(scenes, len(tokens), tokens[0].shape[0])
        kept = torch.from_numpy(rng.permuted(np.tile(np.arange(wanted.shape[1]), (len(tokens), 1)), axis=1))
        kept = kept[:, : sizes.patches]
        texts = [_one(options, rng) for options in true]
        return PictureBatch(
            _of(torch.stack(tokens), kept),
            _of(torch.stack([places(*grid) for grid in grids]), kept),
            texts,
            torch.tensor([[text in options for text in texts] for options in true]),
            phrases,
            wanted.gather(1, kept),
        )

    def clips(self, rng: np.random.Generator, sizes: BatchSizes) -> ClipBatch:
        """Clips with a right and a wrong caption each."""
        scenes = [self.material.scene(seed) for seed in _some(self.scenes, sizes.clips, rng)]
        pairs = [caption_pair(scene.description, rng)[:2] for scene in scenes]
        real = _some(self.footage, sizes.footage, rng)
        captions = [footage.caption for footage in self.material.footage]
        pairs += [(clip.caption, _one([text for text in captions if text != clip.caption], rng)) for clip in real]
        tokens = [*(scene.tokens for scene in scenes), *(self.material.clip(clip) for clip in real)]
        right, wrong = zip(*pairs, strict=True)
        return ClipBatch(torch.stack(tokens), list(right), list(wrong))


def caption_pair(description: Description, rng: np.random.Generator) -> tuple[str, str, Part]:
    """A right caption and a wrong one, and the part in which the one is wrong; the other speaks of it as well."""
    wrong, part = wrong_caption(description, rng)
    return caption(description, rng, (part,)), wrong, part


def _phrases(scenes: Sequence[SceneClip], pictures: int, patches: int) -> tuple[list[str], Tensor]:
    """The phrases of all scenes, each once, and which of them belongs to each patch; the scenes come last."""
    phrases = sorted({phrase for scene in scenes for phrase in scene.phrases.values()})
    numbers = {phrase: number for number, phrase in enumerate(phrases)}
    wanted = torch.full((pictures, patches), NOTHING)
    for row, scene in enumerate(scenes, pictures - len(scenes)):
        for object_id, phrase in scene.phrases.items():
            wanted[row, scene.objects[0] == object_id] = numbers[phrase]
    return phrases, wanted


def _any_frame(rng: np.random.Generator) -> slice:
    number = int(rng.integers(FRAMES))
    return slice(number, number + 1)


def _trained(items: Sequence[Item]) -> list[Item]:
    return [item for number, item in enumerate(items) if number % HELD_BACK]


def _some(items: Sequence[Item], most: int, rng: np.random.Generator) -> list[Item]:
    return [items[i] for i in rng.choice(len(items), min(most, len(items)), replace=False)]


def _one(items: Sequence[str], rng: np.random.Generator) -> str:
    return items[int(rng.integers(len(items)))]


def _of(values_BPC: Tensor, kept: Tensor) -> Tensor:
    """Those of the patches that are kept."""
    return values_BPC.gather(1, kept[..., None].expand(-1, -1, values_BPC.shape[2]))
