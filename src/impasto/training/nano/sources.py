"""What the nano base sees: rendered scenes, windows of real clips, pictures, slow pans over pictures, and any of these
redrawn in a style that is made by code.

Legend: T frames (4n+1 of them, as latents want), H height, W width. Frames are uint8 RGB.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple, Protocol

import cv2
import numpy as np

from impasto.perception.clipnano import PATCH
from impasto.scenes.scene import picture
from impasto.scenes.world.captions import caption
from impasto.scenes.world.chance import describe
from impasto.scenes.world.world import World, build
from impasto.training.clipmaterial import GRIDS, ZOOM, Footage, Grid, Still, cropped
from impasto.training.csdhands import Drawn
from impasto.training.shotpairs import read_clip
from impasto.training.stylewords import in_style
from impasto.video.pictures import read_picture
from impasto.video.types import Picture

FPS = 8
"""Of rendered scenes; real clips are seen at one of several strides."""
STRIDES = (1, 2, 3)
LONGEST = 240
"""Frames of a real clip that are read."""
TEXTS = 3
"""Captions of an item, at most."""
PANS = {
    "pans left": (-1, 0, 1),
    "pans right": (1, 0, 1),
    "tilts up": (0, -1, 1),
    "tilts down": (0, 1, 1),
    "zooms in": (0, 0, 1.25),
    "zooms out": (0, 0, 0.8),
}
"""Where the view goes, in shares of the room that it has, and by what it is enlarged."""


class Clip(NamedTuple):
    frames: np.ndarray
    """[T, H, W, 3]"""
    texts: tuple[str, ...]
    """Captions, each of them true."""


class Source(Protocol):
    """Something to see."""

    @property
    def name(self) -> str:
        """No other source has it."""
        ...

    @property
    def origin(self) -> str:
        """What it is made from; sources of one origin are trained on, or held back, together."""
        ...

    def make(self, rng: np.random.Generator) -> Clip: ...


@dataclass(frozen=True)
class Rendered:
    """A random scene of the rendered world."""

    seed: int
    frames: int

    @property
    def name(self) -> str:
        return f"scene-{self.seed:05d}"

    origin = name

    def make(self, rng: np.random.Generator) -> Clip:
        rows, columns = GRIDS[max(0, self.seed % 5 - 2)]  # three of five are wide
        size = rows * PATCH, columns * PATCH
        world = scene_world(self.seed, size, self.frames)
        shots = [(255 * picture(world, time)).round().astype(np.uint8) for time in world.times]
        return Clip(np.stack(shots), tuple(caption(world.description, rng) for _ in range(TEXTS)))


def scene_world(seed: int, size: tuple[int, int], frames: int) -> World:
    """What `Rendered` renders; `size` is (height, width)."""
    return build(describe(np.random.default_rng(seed)), seed, size, Fraction(frames, FPS), FPS)


@dataclass(frozen=True)
class Window:
    """Some frames of a real clip, from a random start at a random stride, cropped, mirrored half the time."""

    footage: Footage
    number: int
    frames: int

    @property
    def name(self) -> str:
        return f"window-{self.footage.path.stem}-{self.number:02d}"

    @property
    def origin(self) -> str:
        return self.footage.path.stem

    def make(self, rng: np.random.Generator) -> Clip:
        whole = read_clip(self.footage.path, LONGEST)
        fitting = [stride for stride in STRIDES if stride * (self.frames - 1) < len(whole)] or [1]
        stride = fitting[rng.integers(len(fitting))]
        count = (min(self.frames, len(whole)) - 1) // 4 * 4 + 1
        start = rng.integers(len(whole) - stride * (count - 1))
        grid, zoom, at = nearest_grid(whole[0]), rng.uniform(1, ZOOM), (rng.random(), rng.random())
        shots = np.stack([cropped(whole[start + stride * number], grid, zoom, at) for number in range(count)])
        clip = Clip(shots, (self.footage.caption,))
        return mirrored(clip) if rng.random() < 0.5 else clip


@dataclass(frozen=True)
class Single:
    """A picture as a clip of one frame."""

    still: Still

    @property
    def name(self) -> str:
        return f"still-{self.still.name}"

    @property
    def origin(self) -> str:
        return self.still.path.stem

    def make(self, rng: np.random.Generator) -> Clip:
        (view,), _ = self.still.views(1)
        return Clip(view[None], _some(self.still.texts, rng))


@dataclass(frozen=True)
class Pan:
    """A picture under a camera that moves."""

    still: Still
    frames: int

    @property
    def name(self) -> str:
        return f"pan-{self.still.name}"

    @property
    def origin(self) -> str:
        return self.still.path.stem

    def make(self, rng: np.random.Generator) -> Clip:
        whole = read_picture(self.still.path)[0]
        motion = list(PANS)[rng.integers(len(PANS))]
        across, down, growth = PANS[motion]
        away = np.array([across, down]) * rng.uniform(0.5, 1)
        grid = nearest_grid(whole)
        zoom = rng.uniform(1.15, 1.5) / min(growth, 1)  # so that the view never leaves the picture
        large = _filling(whole, grid, zoom)
        times = np.linspace(0, 1, self.frames)
        shots = [_view(large, grid, growth**time, away * (2 * time - 1)) for time in times]
        texts = tuple(f"{text}, the camera {motion}" for text in _some(self.still.texts, rng))
        return Clip(np.stack(shots), texts)


@dataclass(frozen=True)
class Redrawn:
    """A source, each of its frames drawn by the same hand."""

    source: Source
    hand: Drawn

    @property
    def name(self) -> str:
        return f"{self.hand.kind}-{self.hand.number}-{self.source.name}"

    @property
    def origin(self) -> str:
        return self.source.origin

    def make(self, rng: np.random.Generator) -> Clip:
        clip = self.source.make(rng)
        words = self.hand.kind.replace("-", " ")
        texts = tuple(in_style(text, words, rng) for text in clip.texts)
        return Clip(np.stack([self.hand.over(frame) for frame in clip.frames]), texts)


def nearest_grid(whole: Picture) -> Grid:
    """The grid whose proportions are most like those of a picture."""
    ratio = math.log(whole.shape[0] / whole.shape[1])
    return min(GRIDS, key=lambda grid: abs(ratio - math.log(grid[0] / grid[1])))


def mirrored(clip: Clip) -> Clip:
    """The clip with left and right exchanged, in the frames and in the words."""
    swapped = {"left": "right", "right": "left"}
    texts = tuple(re.sub(r"\b(left|right)\b", lambda word: swapped[str(word[0])], text) for text in clip.texts)
    return Clip(np.ascontiguousarray(clip.frames[:, :, ::-1]), texts)


def _some(texts: Sequence[str], rng: np.random.Generator) -> tuple[str, ...]:
    return tuple(texts[int(i)] for i in rng.permutation(len(texts))[:TEXTS])


def _filling(whole: Picture, grid: Grid, zoom: float) -> Picture:
    """The picture, so large that the part it is to show, `zoom` times, fills a grid."""
    ratio = zoom * max(PATCH * count / extent for count, extent in zip(grid, whole.shape[:2], strict=True))
    interpolation = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(whole, None, fx=ratio, fy=ratio, interpolation=interpolation), np.uint8)


def _view(large: Picture, grid: Grid, growth: float, away: np.ndarray) -> Picture:
    """What a grid shows of a picture after it has grown, `away` from its middle: 1 is as far as the picture goes."""
    size = PATCH * np.array(grid[::-1])
    middle = np.array(large.shape[1::-1]) / 2
    room = middle - size / 2 / growth
    place = size / 2 - growth * (middle + room * away)
    # Pixel centres lie at halves, and OpenCV's at whole numbers.
    matrix = np.column_stack([growth * np.eye(2), place + (growth - 1) / 2])
    view = cv2.warpAffine(large, matrix, size.tolist(), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    return np.asarray(view, np.uint8)
