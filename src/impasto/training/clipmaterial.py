"""What `clip-nano` learns from, and what is seen in it, kept: its training then needs neither pictures nor encoder.

Rendered scenes, which know what they show and where; paintings with their captions; photos by their class, some redrawn
in styles that are made by code; real clips. Looked at once, a file for each.

Legend: V views of a picture, T frames of a clip, P patches, S numbers by which a patch is seen.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from impasto.perception.clipmatch import FRAMES
from impasto.perception.clipnano import PATCH, ClipConfig, ClipNano
from impasto.perception.encoder import WEIGHTS as ENCODER
from impasto.scenes.scene import frames, picture
from impasto.scenes.styles import STYLE_KINDS
from impasto.scenes.world.chance import describe
from impasto.scenes.world.description import Description, Subject
from impasto.scenes.world.world import World, build
from impasto.training.cliptexts import drawn_texts, footage_captions, painting_texts, photo_labels, photo_texts
from impasto.training.csdhands import Drawn
from impasto.training.csdpictures import Progress, asset_files, painting_captions
from impasto.training.pictures import batch
from impasto.training.shotpairs import read_clip
from impasto.video.files import writing, written_atomically
from impasto.video.pictures import read_picture
from impasto.video.types import Picture
from impasto.weights.paths import cache_dir, weights_file
from impasto.weights.precision import autocast
from impasto.weights.rows import from_bytes, to_bytes

Grid = tuple[int, int]
WIDE: Grid = (9, 16)
GRIDS: tuple[Grid, ...] = (WIDE, (12, 12), (16, 9))
"""Of the views, all of one number of patches, so that they make a batch."""
ZOOM = 1.25
"""Most by which a view is enlarged before it is cropped."""
SECONDS, FPS = 2, 4
"""Of a scene: eight frames."""
FOOTAGE_FRAMES = 64
"""Of a real clip, over which its eight are spread."""
COVERED = 0.5
"""Least share of a patch that an object covers for the patch to be its."""
ALL = slice(None)
NOTHING = -1
"""In place of an object's id, where none covers a patch."""
FITTED_TO = 96
"""Pictures that the components are fitted to, and as many scenes."""


@dataclass(frozen=True)
class MaterialConfig:
    scenes: int = 1500
    drawn: int = 12
    """Photos redrawn in each style that is made by code."""
    views: int = 5
    """Of a picture, each cropped and mirrored at random."""


@dataclass(frozen=True)
class Still:
    """A painting or a photo."""

    name: str
    path: Path
    texts: tuple[str, ...]
    drawn: Drawn | None = None

    def views(self, count: int) -> tuple[list[Picture], Grid]:
        """Crops of random size and place, mirrored half the time."""
        rng = np.random.default_rng(list(self.name.encode()))
        whole = read_picture(self.path)[0]
        if self.drawn:
            whole = self.drawn.over(whole)
        ratio = math.log(whole.shape[0] / whole.shape[1])
        grid = min(GRIDS, key=lambda grid: abs(ratio - math.log(grid[0] / grid[1])))
        crops = [cropped(whole, grid, rng.uniform(1, ZOOM), (rng.random(), rng.random())) for _ in range(count)]
        return [np.ascontiguousarray(crop[:, ::-1]) if rng.random() < 0.5 else crop for crop in crops], grid


@dataclass(frozen=True)
class Footage:
    """A real clip."""

    name: str
    path: Path
    caption: str

    def frames(self) -> list[Picture]:
        """Eight, evenly spread, their middle alone."""
        clip = read_clip(self.path, FOOTAGE_FRAMES)
        return [cropped(clip[number * len(clip) // FRAMES], WIDE) for number in range(FRAMES)]


@dataclass(frozen=True)
class SceneClip:
    """A rendered scene, of which everything is known."""

    tokens: Tensor
    """[T, P, S]: how its patches are seen."""
    objects: Tensor
    """[T, P]: the object that covers a patch, or `NOTHING`."""
    description: Description
    phrases: dict[int, str]
    """What each object is, in words."""


class Material:
    """All of it, looked at or not, and the folder where it lies.

    Raises:
        InputError: the data folder lacks something.
    """

    def __init__(self, config: MaterialConfig, net: ClipConfig) -> None:
        self.config, self._net = config, net
        captions, labels, shown = painting_captions(), photo_labels(), footage_captions()
        paintings = [(path, painting_texts(captions[path.stem])) for path in asset_files("styles", "jpg")]
        photos = [path for path in asset_files("photos", "jpg") if path.stem in labels]
        self.paintings = [Still(f"painting-{path.stem}", path, texts) for path, texts in paintings if texts]
        self.photos = [Still(f"photo-{path.stem}", path, photo_texts(labels[path.stem])) for path in photos]
        self.photos += [
            Still(f"{kind}-{path.stem}", path, drawn_texts(kind, labels[path.stem]), Drawn(kind, number))
            for place, kind in enumerate(STYLE_KINDS)
            for number, path in enumerate(photos[place :: len(STYLE_KINDS)][: config.drawn])
        ]
        self.footage = [
            Footage(f"clip-{path.stem}", path, shown[path.stem])
            for path in asset_files("videos", "mp4")
            if path.stem in shown
        ]
        self.scenes = range(config.scenes)
        of = f"{config.views} {ZOOM} {SECONDS} {FPS} {net.kept} {FITTED_TO}".encode()
        self.key = hashlib.sha256(of + weights_file(ENCODER).read_bytes()).hexdigest()[:8]
        self.folder = cache_dir() / "training" / f"clip-material-{self.key}"
        self._fitted = self.folder / "fitted.safetensors"

    def make(self) -> Iterator[Progress]:
        """Look at what was not looked at yet; yields after each."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self._fitted.exists():
            with written_atomically(self._fitted) as temporary, writing(self._fitted):
                temporary.write_bytes(save(to_bytes(self._fit().whitenings.state_dict())))
        net = self.network()
        stills = [*self.paintings, *self.photos]
        total = len(stills) + len(self.footage) + len(self.scenes)
        for number, item in enumerate([*stills, *self.footage, *self.scenes], 1):
            name = self._scene_name(item) if isinstance(item, int) else item.name
            file = self._file(name)
            if not file.exists():
                data = self._seen(net, item)
                with written_atomically(file) as temporary, writing(file):
                    temporary.write_bytes(data)
                yield Progress(number, total, name)

    def network(self) -> ClipNano:
        """The network with the components of all this, rounded as they will be stored, and untrained otherwise."""
        net = self._untrained()
        net.whitenings.load_state_dict(from_bytes(load_file(self._fitted)))
        return net

    def view(self, still: Still, number: int) -> tuple[Tensor, Grid]:
        """One view, [P, S], of a picture that was looked at, and its grid."""
        with safe_open(self._file(still.name), "pt") as file:
            rows, columns = json.loads(file.metadata()["grid"])
            return file.get_slice("tokens")[number].float(), (rows, columns)

    def clip(self, footage: Footage, frames: slice = ALL) -> Tensor:
        """[T, P, S] of a clip that was looked at; its grid is `WIDE`."""
        with safe_open(self._file(footage.name), "pt") as file:
            return file.get_slice("tokens")[frames].float()

    def scene(self, seed: int, frames: slice = ALL) -> SceneClip:
        """A scene that was looked at; its grid is `WIDE`."""
        with safe_open(self._file(self._scene_name(seed)), "pt") as file:
            shown = json.loads(file.metadata()["shown"])
            subjects = tuple(Subject(**subject) for subject in shown["description"].pop("subjects"))
            return SceneClip(
                file.get_slice("tokens")[frames].float(),
                file.get_slice("objects")[frames],
                Description(subjects=subjects, **shown["description"]),
                {int(number): phrase for number, phrase in shown["phrases"].items()},
            )

    def _scene_name(self, seed: int) -> str:
        return f"scene-{seed:05d}"

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.safetensors"

    def _untrained(self) -> ClipNano:
        torch.manual_seed(0)
        return ClipNano(self._net)

    def _fit(self) -> ClipNano:
        net = self._untrained()
        stills = [*self.paintings, *self.photos]
        pictures = [still.views(1)[0] for still in stills[:: -(-len(stills) // FITTED_TO)]]
        pictures += [[_bytes(picture(world_of(seed), 0))] for seed in self.scenes[:FITTED_TO]]
        with autocast():
            net.fit(torch.from_numpy(batch(views)) for views in pictures)
        return net

    def _seen(self, net: ClipNano, item: Still | Footage | int) -> bytes:
        """The file of an item."""
        if isinstance(item, Still):
            views, grid = item.views(self.config.views)
            return save({"tokens": look(net, views).half()}, {"grid": json.dumps(grid)})
        if isinstance(item, Footage):
            return save({"tokens": look(net, item.frames()).half()})
        scene = scene_clip(net, item)
        shown = {"description": asdict(scene.description), "phrases": scene.phrases}
        tensors = {"tokens": scene.tokens.half(), "objects": scene.objects}
        # What it shows is kept with it: the same seed may give another scene one day.
        return save(tensors, {"shown": json.dumps(shown)})


def scene_clip(net: ClipNano, seed: int) -> SceneClip:
    """The scene of a seed, looked at."""
    world = world_of(seed)
    pictures, objects = rendered(world)
    return SceneClip(look(net, pictures), torch.from_numpy(objects), world.description, dict(world.phrases))


def world_of(seed: int) -> World:
    """A random scene of eight frames."""
    rows, columns = WIDE
    return build(describe(np.random.default_rng(seed)), seed, (rows * PATCH, columns * PATCH), SECONDS, FPS)


def rendered(world: World) -> tuple[list[Picture], np.ndarray]:
    """The frames of a scene, and the objects of their patches [T, P]."""
    shots = list(frames(world))
    return [_bytes(shot.rgb) for shot in shots], np.stack([patch_objects(shot.objects) for shot in shots])


def patch_objects(objects_HW: np.ndarray) -> np.ndarray:
    """The object that covers half of each patch or more, or `NOTHING`, int32 [P] row by row."""
    rows, columns = (side // PATCH for side in objects_HW.shape)
    pixels = objects_HW.reshape(rows, PATCH, columns, PATCH).swapaxes(1, 2).reshape(rows * columns, -1)
    ids = np.unique(objects_HW)
    shares = np.stack([(pixels == number).mean(1) for number in ids])
    return np.where(shares.max(0) >= COVERED, ids[shares.argmax(0)], NOTHING).astype(np.int32)


@torch.no_grad()
def look(net: ClipNano, pictures: Sequence[Picture]) -> Tensor:
    """How the patches of pictures of one size are seen, [B, P, S]."""
    with autocast():
        return net.see(torch.from_numpy(batch(pictures))).tokens.float()


def cropped(whole: Picture, grid: Grid, zoom: float = 1.0, at: tuple[float, float] = (0.5, 0.5)) -> Picture:
    """What of a picture fills a grid, at a share of the way down and across."""
    sides = [PATCH * count for count in grid]
    ratio = zoom * max(side / extent for side, extent in zip(sides, whole.shape[:2], strict=True))
    height, width = (max(side, round(extent * ratio)) for side, extent in zip(sides, whole.shape[:2], strict=True))
    interpolation = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(whole, (width, height), interpolation=interpolation)
    top, left = (round(share * (extent - side)) for share, extent, side in zip(at, (height, width), sides, strict=True))
    return np.ascontiguousarray(resized[top : top + sides[0], left : left + sides[1]])


def _bytes(rgb: np.ndarray) -> Picture:
    return (255 * rgb).round().astype(np.uint8)
