"""Pictures that share a style, as their embeddings: what the global projector learns from.

Legend: N pictures, E numbers of an embedding.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from impasto.errors import InputError
from impasto.stylizers.stylemaster.jointspace import JointSpace
from impasto.training.csdpictures import artist_name, asset_files, painting_captions
from impasto.training.pictures import batch
from impasto.training.stylemaster.illusionpairs import IllusionPairs
from impasto.video.pictures import read_style_picture

HELD_BACK = 10
"""Every tenth style is not trained on, to see whether style is learned and not styles."""


@dataclass(frozen=True)
class StyleGroups:
    """Raises `InputError` where there are no two groups, or one has no two pictures."""

    embeddings: Tensor
    """[N, E], unit vectors."""
    groups: Tensor
    """[N]: pictures of one group are positives of each other."""
    styles: Tensor
    """[N]: the style of each, of which there may be several groups."""

    def __post_init__(self) -> None:
        _, counts = self.groups.unique(return_counts=True)
        if len(counts) < 2 or int(counts.min()) < 2:
            raise InputError(
                f"Triplets need two groups with two pictures each or more; got groups of {counts.tolist()} pictures."
            )

    def triplets(self, rng: np.random.Generator) -> Tensor:
        """Anchor, positive and negative of each group once, in random order: numbers of pictures [groups, 3]."""
        groups, chosen = self.groups.numpy(), []
        _, starts = np.unique(np.sort(groups), return_index=True)
        members = np.split(np.argsort(groups, kind="stable"), starts[1:])
        for number in rng.permutation(len(members)):
            anchor, positive = rng.choice(members[number], 2, replace=False)
            negative = anchor
            while groups[negative] == groups[anchor]:
                negative = rng.integers(len(groups))
            chosen.append((anchor, positive, negative))
        return torch.tensor(np.array(chosen))

    def split(self) -> tuple["StyleGroups", "StyleGroups"]:
        """What to train on, and the styles that are held back."""
        held = self.styles % HELD_BACK == 0
        return self._of(~held), self._of(held)

    def _of(self, chosen: Tensor) -> "StyleGroups":
        return StyleGroups(self.embeddings[chosen], self.groups[chosen], self.styles[chosen])


def illusion_groups(pairs: IllusionPairs) -> StyleGroups:
    """Each pair is a group; raises `InputError` where too few were made."""
    kept = pairs.kept
    embeddings = torch.cat([pairs.vectors(number) for number, _ in kept])
    groups = torch.arange(len(kept)).repeat_interleave(2)
    return StyleGroups(embeddings, groups, _numbered([pair.style for _, pair in kept]).repeat_interleave(2))


def artist_groups(space: JointSpace) -> StyleGroups:
    """Paintings of the data folder by artist, those of one painting alone left out: the ablation of illusion pairs.

    Raises:
        InputError: the data folder lacks them.
    """
    captions = painting_captions()
    artists = {path: artist_name(captions.get(path.stem, {})) for path in asset_files("styles", "jpg")}
    counts = Counter(artists.values())
    known = [path for path, artist in artists.items() if artist and counts[artist] > 1]
    embeddings = [space.picture(torch.from_numpy(batch([read_style_picture(path)]))).pooled for path in known]
    numbers = _numbered([artists[path] for path in known])
    return StyleGroups(torch.cat(embeddings), numbers, numbers)


def _numbered(names: Sequence[str]) -> Tensor:
    order = {name: number for number, name in enumerate(sorted(set(names)))}
    return torch.tensor([order[name] for name in names])
