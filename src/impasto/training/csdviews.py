"""What `csd-nano` sees in its pictures, kept: its training then needs neither pictures nor encoder.

Legend: N pictures, V views of each: the whole, then crops.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from safetensors.torch import load_file, save
from torch import Tensor

from impasto.perception.csdnano import CsdConfig, CsdNano, Sight, load_csd_nano, save_csd_nano
from impasto.perception.encoder import embedded_encoder
from impasto.training.csdpictures import Collection, Group, Progress
from impasto.training.pictures import batch, random_crop
from impasto.video.files import writing, written_atomically
from impasto.video.types import Picture
from impasto.weights.precision import autocast

CROP = 192
CROPPED_FROM = (208, 288)
"""Short sides to which a picture is brought before it is cropped: scale is part of style, so it changes little."""
JITTER = 0.06
"""Most that a channel is made brighter or darker: colour is part of style as well."""
FAINT = 0.3
"""Least strength of the paint in a crop: a style is to be known by less of it as well."""
SPOILED = 4
"""Pictures of each group that are also seen spoiled, by noise, blur or false colours: they are in no style."""
NOISE, BLUR = (0.04, 0.15), (0.01, 0.04)
"""Deviations, where white is 1, and in sides of the picture."""
FITTED_TO = 256
"""Pictures, about, that the components are fitted to."""


@dataclass(frozen=True)
class Views:
    """Of all pictures."""

    sight: Sight
    """[N, V, ...], float16."""
    labels: dict[str, Tensor]
    """Numbers [N] of picture, style, artist, movement and content; -1 where nothing is known."""
    spoiled: Sight
    """[M, ...], float16: of some of the pictures."""
    spoiled_content: Tensor
    """The label `content` of each, [M]; they have no other."""

    def of(self, pictures: Tensor) -> "Views":
        """Of some pictures only, by mask; what is spoiled stays."""
        sight = Sight(*(part[pictures] for part in self.sight))
        labels = {name: labels[pictures] for name, labels in self.labels.items()}
        return replace(self, sight=sight, labels=labels)

    def draw(self, rng: np.random.Generator, count: int) -> tuple[Sight, dict[str, Tensor]]:
        """Two views each of `count` pictures and a spoiled one for every fourth, and the labels: [9 / 4 * count, ...].

        Fewer where there are no more.
        """
        pictures, views = self.sight.style.shape[:2]
        rows = rng.choice(pictures, min(count, pictures), replace=False)
        chosen = rng.permuted(np.tile(np.arange(views), (len(rows), 1)), axis=1)[:, :2].T.ravel()
        picked = torch.from_numpy(np.tile(rows, 2)), torch.from_numpy(chosen)
        spoiled = torch.from_numpy(rng.permutation(len(self.spoiled_content))[: len(rows) // 4])
        parts = zip(self.sight, self.spoiled, strict=True)
        sight = Sight(*(torch.cat([part[picked], bad[spoiled]]).float() for part, bad in parts))
        nothing = torch.full_like(spoiled, -1)
        rest = dict.fromkeys(self.labels, nothing) | {"content": self.spoiled_content[spoiled]}
        return sight, {name: torch.cat([labels[picked[0]], rest[name]]) for name, labels in self.labels.items()}


class Sights:
    """The views of a collection, looked at once: a file for each group, in the cache folder."""

    def __init__(self, collection: Collection, config: CsdConfig, crops: int) -> None:
        self._collection, self._config, self._crops = collection, config, crops
        seen = f"{collection.key} {config} {crops} {CROP} {JITTER} {FAINT} {SPOILED} {NOISE} {BLUR}"
        self.key = hashlib.sha256(seen.encode()).hexdigest()[:8]
        self.folder = collection.folder.with_name(f"csd-sights-{self.key}")
        self._fitted = self.folder / "fitted.safetensors"

    def make(self) -> Iterator[Progress]:
        """Look at the groups that were not looked at yet, whose pictures must be there; yields after each."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._fitted.exists():
            save_csd_nano(self._fit(), self._fitted)
        net, groups = self.network(), self._collection.groups
        for number, group in enumerate(groups, 1):
            file = self.folder / f"{group.name}.safetensors"
            if not file.exists():
                pictures = np.load(self._collection.file(group))
                seen = self._look(net, pictures, group)._asdict() | {
                    f"spoiled {name}": part for name, part in _look_at_spoiled(net, pictures, group)._asdict().items()
                }
                with written_atomically(file) as temporary, writing(file):
                    temporary.write_bytes(save({name: part.half() for name, part in seen.items()}))
                yield Progress(number, len(groups), group.name)

    def network(self) -> CsdNano:
        """The network with the components of all these views, rounded as they will be stored, and untrained heads."""
        return load_csd_nano(self._fitted)

    def views(self) -> Views:
        """All of them; they must be there."""
        groups = self._collection.groups
        files = [load_file(self.folder / f"{group.name}.safetensors") for group in groups]
        sight, spoiled = (
            Sight(*(torch.cat([file[start + name] for file in files]) for name in Sight._fields))
            for start in ("", "spoiled ")
        )
        rows = [label for group in groups for label in group.labels]
        labels = {name: _numbered([getattr(row, name) for row in rows]) for name in rows[0]._fields}
        labels["picture"] = torch.arange(len(rows))
        contents = labels["content"].split([len(group.labels) for group in groups])
        return Views(sight, labels, spoiled, torch.cat([of_group[:SPOILED] for of_group in contents]))

    def _fit(self) -> CsdNano:
        torch.manual_seed(0)
        net, files = CsdNano(self._config), [self._collection.file(group) for group in self._collection.groups]
        each = -(-FITTED_TO // len(files))
        net.fit(
            _features(list(np.load(file, mmap_mode="r")[:each])) for file in files[:: max(1, len(files) // FITTED_TO)]
        )
        return net

    def _look(self, net: CsdNano, pictures: Picture, group: Group) -> Sight:
        rng, subjects = np.random.default_rng(list(group.name.encode())), group.unpainted()
        views = [net.see(_features(list(pictures)))]
        for _ in range(self._crops):
            crops = [
                _jittered(random_crop(_fainter(*pair, rng), CROP, rng, CROPPED_FROM), rng)
                for pair in zip(pictures, subjects, strict=True)
            ]
            views.append(net.see(_features(crops)))
        return Sight(*(torch.stack(parts, 1) for parts in zip(*views, strict=True)))


def _look_at_spoiled(net: CsdNano, pictures: Picture, group: Group) -> Sight:
    rng = np.random.default_rng(list(f"{group.name} spoiled".encode()))
    return net.see(_features([_spoiled(picture, rng) for picture in pictures[:SPOILED]]))


def _spoiled(picture: Picture, rng: np.random.Generator) -> Picture:
    match rng.integers(3):
        case 0:
            noise = rng.normal(0, 255 * rng.uniform(*NOISE), picture.shape)
            return np.clip(picture + noise, 0, 255).round().astype(np.uint8)
        case 1:
            return cv2.GaussianBlur(picture, (0, 0), len(picture) * rng.uniform(*BLUR)).astype(np.uint8)
    return np.ascontiguousarray(np.roll(picture, rng.integers(1, 3), 2))


@torch.no_grad()
def _features(pictures: Sequence[Picture]) -> list[Tensor]:
    pixels = torch.from_numpy(batch(pictures)).contiguous(memory_format=torch.channels_last)
    with autocast():
        features = embedded_encoder()(pixels, first_stride=2)
    return [layer.float() for layer in features]


def _fainter(painted: Picture, subject: Picture, rng: np.random.Generator) -> Picture:
    strength = rng.uniform(FAINT, 1)
    return (subject + strength * (painted.astype(np.float32) - subject)).round().astype(np.uint8)


def _jittered(crop: Picture, rng: np.random.Generator) -> Picture:
    gains = rng.uniform(1 - JITTER, 1 + JITTER, 3)
    return np.clip(crop * gains, 0, 255).round().astype(np.uint8)


def _numbered(names: Sequence[str]) -> Tensor:
    """A number for each name, -1 for the empty one."""
    numbers = {name: number for number, name in enumerate(sorted(set(names) - {""}))}
    return torch.tensor([numbers.get(name, -1) for name in names])
