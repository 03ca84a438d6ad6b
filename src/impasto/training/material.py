"""What a network learns a style on: pairs of neighbouring frames of videos, and pictures.

Legend: N one frame or two neighbours, H height, W width. Kept as bytes; the memory does not grow with the material.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, pairwise
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
import torch

from impasto.color.transport import ColorStatistics, color_statistics
from impasto.errors import UnreadableInput
from impasto.scenes.demo import demo_scene
from impasto.scenes.scene import picture
from impasto.scenes.styles.composition import composition
from impasto.stylizers.feedforward.objective import crop
from impasto.video.pictures import is_picture, read_picture
from impasto.video.source import open_source
from impasto.video.types import FrameSource, Picture

PAIRS = 64
"""Of neighbouring frames, of all videos together."""
WINDOW_PIXELS = 500_000
"""Larger frames are seen through windows."""
STILLS = 256
STILL_SIDE = 512
"""Short side in pixels to which larger pictures are brought: things as large as videos show them."""
SMALLEST = 64
"""Short side to which smaller frames are brought, for the encoder."""
DRIFT, ZOOM = 6.0, 0.03
"""Largest motion, in pixels and as a share, that is given to a still picture."""

Source = TypeVar("Source")
Found = TypeVar("Found")


@dataclass(frozen=True)
class Sample:
    frames: Picture
    """[N, H, W, 3]"""
    colors: ColorStatistics
    """Of the video or picture that the frames are from."""


@dataclass(frozen=True)
class Material:
    samples: list[Sample]
    name: str
    """What it is, for people."""

    @property
    def one_source(self) -> bool:
        """Whether all of it is of one video or picture."""
        return all(sample.colors is self.samples[0].colors for sample in self.samples)

    def draw(self, rng: np.random.Generator, size: int, count: int) -> tuple[np.ndarray, ColorStatistics]:
        """A random crop of one frame or of two neighbours, float32 [count, H, W, 3] in [0, 1], and its colours.

        A still picture gets a neighbour by a small motion, as Ruder (2018) trained on shifted and zoomed photos.
        """
        sample = self.samples[int(rng.integers(len(self.samples)))]
        frames = sample.frames[:count]
        if len(frames) < count:
            frames = np.stack([frames[0], _moved(frames[0], rng)])
        return crop(frames, size, rng).astype(np.float32) / np.float32(255), sample.colors

    def spread(self, count: int) -> list[Sample]:
        """At most `count` samples from all over the material."""
        return _thinned(self.samples, count)


def read_material(paths: Sequence[Path]) -> Material:
    """Videos, pictures, and folders of both; scenes that the package renders where there are no paths.

    Raises:
        UnreadableInput: a path holds neither; unreadable files in a folder are passed over.
    """
    if not paths:
        return Material(list(_rendered()), "rendered scenes")
    stills: list[Path] = []
    videos: list[FrameSource] = []
    for path in paths:
        for file in sorted(path.iterdir()) if path.is_dir() else [path]:
            if file.is_file() and is_picture(file):
                stills.append(file)
            elif not file.is_dir():
                videos += _read(file, lambda file: [open_source(file)], named=file == path)
    videos = _thinned(videos, PAIRS)
    samples: list[Sample] = []
    for video in videos:
        samples += _read(video, partial(_of_video, most=PAIRS // len(videos)), named=video.info.path in paths)
    for file in _thinned(stills, STILLS):
        samples += _read(file, _of_still, named=file in paths)
    if not samples:
        raise UnreadableInput(f"{str(paths[0])!r} holds neither pictures nor videos to learn on; name another folder.")
    return Material(samples, ", ".join(path.name or str(path) for path in paths))


def spread_pairs(frames: Iterable[Picture], most: int) -> list[Picture]:
    """Neighbouring frames [2, H, W, 3] from all over a stream in one pass, at most `most`, windows of large ones.

    A stream of one frame gives that frame, [1, H, W, 3].
    """
    stream = iter(frames)
    first = next(stream)
    kept, step = [], 1
    for number, pair in enumerate(pairwise(chain([first], stream))):
        if number % step == 0:
            kept.append(_window(np.stack(pair), number))
            if len(kept) > most:
                kept, step = kept[::2], 2 * step
    return kept or [_window(first[None], 0)]


def _read(source: Source, read: Callable[[Source], list[Found]], named: bool) -> list[Found]:
    """What is in a source; nothing where it cannot be read, unless it was named itself."""
    try:
        return read(source)
    except UnreadableInput:
        if named:
            raise
        return []


def _of_video(video: FrameSource, most: int) -> list[Sample]:
    return _of_one_source(spread_pairs((frame.rgb for frame in video.frames()), most))


def _of_still(path: Path) -> list[Sample]:
    rgb, _ = read_picture(path)
    ratio = min(1.0, STILL_SIDE / min(rgb.shape[:2]))
    size = max(1, round(rgb.shape[1] * ratio)), max(1, round(rgb.shape[0] * ratio))
    return _of_one_source([_window(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA)[None], 0)])


def _window(frames_NHW3: Picture, number: int) -> Picture:
    """The frames, or where they are large a part of them; another part for another number."""
    height, width = frames_NHW3.shape[1:3]
    share = min(1.0, (WINDOW_PIXELS / (height * width)) ** 0.5)
    rows, columns = (max(min(SMALLEST, side), round(side * share)) for side in (height, width))
    y, x = (
        round((side - part) * ((number * step) % 1))
        for side, part, step in ((height, rows, 0.618), (width, columns, 0.414))
    )
    part = frames_NHW3[:, y : y + rows, x : x + columns]
    if min(rows, columns) >= SMALLEST:
        return np.ascontiguousarray(part)
    size = max(SMALLEST, columns), max(SMALLEST, rows)
    return np.stack([cv2.resize(frame, size, interpolation=cv2.INTER_CUBIC) for frame in part])


def _of_one_source(parts: list[Picture]) -> list[Sample]:
    pixels = np.concatenate([part.reshape(-1, 3)[:: len(parts)] for part in parts])
    colors = color_statistics(torch.from_numpy(pixels) / 255)
    return [Sample(part, colors) for part in parts]


def _rendered() -> Iterator[Sample]:
    """The harbour at a dozen moments, and invented pictures."""
    scene, moments = demo_scene(480), 12
    for number in range(moments):
        time = scene.seconds * number / moments
        yield from _of_one_source([_bytes(np.stack([picture(scene, t) for t in (time, time + 1 / scene.fps)]))])
    for seed in range(24):
        yield from _of_one_source([_bytes(composition(np.random.default_rng(seed), (270, 480)))[None]])


def _bytes(rgb: np.ndarray) -> Picture:
    return (np.clip(rgb, 0, 1) * 255).round().astype(np.uint8)


def _moved(rgb: Picture, rng: np.random.Generator) -> Picture:
    height, width = rgb.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), 0, 1 + float(rng.uniform(-ZOOM, ZOOM)))
    matrix[:, 2] += rng.uniform(-DRIFT, DRIFT, 2)
    return cv2.warpAffine(rgb, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)


def _thinned(items: list, most: int) -> list:
    step = max(1.0, len(items) / most)
    return [items[int(number * step)] for number in range(min(most, len(items)))]
