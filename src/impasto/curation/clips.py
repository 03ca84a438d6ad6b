"""Where clips come from: scenes of the rendered world, and the shots of videos.

Legend: T frames, H height, W width. Frames are uint8 RGB.
"""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np

from impasto.curation.config import CurationConfig
from impasto.curation.sidecars import row_beside, words_beside
from impasto.errors import InputError, UnreadableInput, UnsupportedOption
from impasto.perception.control.exact import world_pictures
from impasto.perception.control.pictures import ControlKind
from impasto.scenes.scene import picture
from impasto.scenes.world.captions import caption
from impasto.scenes.world.chance import random_scene
from impasto.scenes.world.world import World
from impasto.video.formats import VIDEO_SUFFIXES
from impasto.video.shots import find_shots
from impasto.video.sizes import working_size
from impasto.video.source import open_source
from impasto.video.types import Picture, Shot

WORLD = "world"
"""Before the number of rendered scenes that are asked for: world:40."""
OURS = "Apache-2.0"
"""Licence of what Impasto renders and draws itself."""
STEP = 16
"""Sides of frames are multiples of it, as models of latents want."""


class Clip(Protocol):
    """A stretch of moving pictures that a pair is made of; small, so that it goes to other machines."""

    @property
    def name(self) -> str:
        """No other clip has it; letters, digits, - and _."""
        ...

    @property
    def licence(self) -> str: ...

    @property
    def lineage(self) -> dict[str, Any]:
        """Where it is from, as plain data."""
        ...

    @property
    def mark(self) -> str:
        """Is another where the clip or what is said of it has changed; raises `UnreadableInput`, `OSError`."""
        ...

    def frames(self, config: CurationConfig) -> np.ndarray:
        """[T, H, W, 3]; raises `UnreadableInput`."""
        ...

    def caption(self) -> str | None:
        """What it shows, where that is known without looking."""
        ...

    def style(self) -> str | None:
        """How it is painted, where that is known without looking."""
        ...

    def control(self, kind: ControlKind, config: CurationConfig) -> np.ndarray | None:
        """Exact control pictures, [T, H, W, 3], where they are known without looking."""
        ...


@dataclass(frozen=True)
class Scene:
    """A random scene of the rendered world, of which everything is known."""

    seed: int

    licence = OURS

    @property
    def name(self) -> str:
        return f"world-{self.seed:06d}"

    @property
    def lineage(self) -> dict[str, Any]:
        return {"source": "rendered world", "seed": self.seed}

    @property
    def mark(self) -> str:
        return "rendered"

    def frames(self, config: CurationConfig) -> np.ndarray:
        world = self._world(config)
        return np.stack([(255 * picture(world, time)).round().astype(np.uint8) for time in world.times])

    def caption(self) -> str:
        shown = random_scene(self.seed, (32, 32)).description
        return caption(shown, np.random.default_rng([self.seed, 2]), ("colour", "motion", "backdrop"))

    def style(self) -> None:
        return None

    def control(self, kind: ControlKind, config: CurationConfig) -> np.ndarray:
        return world_pictures(self._world(config), kind)

    def _world(self, config: CurationConfig) -> World:
        width, height = working_size(16 * STEP * STEP, 9 * STEP * STEP, config.pixels, STEP)
        return random_scene(self.seed, (height, width), Fraction(config.frames, config.fps), config.fps)


@dataclass(frozen=True)
class Excerpt:
    """Some frames of a shot of a video."""

    path: Path
    licence: str
    start: int
    """Number of its first frame in the video."""
    step: int
    """From one of its frames to the next, in frames of the video."""

    @property
    def name(self) -> str:
        stem = re.sub(r"[^A-Za-z0-9_-]+", "_", self.path.stem)
        # Videos in different folders may have one name.
        return f"{stem}-{zlib.crc32(str(self.path.parent).encode()) & 0xFFFF:04x}-{self.start:06d}"

    @property
    def lineage(self) -> dict[str, Any]:
        return {"source": str(self.path), "start": self.start, "step": self.step}

    @property
    def mark(self) -> str:
        file = self.path.stat()
        told = file.st_size, file.st_mtime_ns, self.step, self.caption(), self.style(), self.licence
        return f"{zlib.crc32(repr(told).encode()):08x}"

    def frames(self, config: CurationConfig) -> np.ndarray:
        stop = self.start + self.step * (config.frames - 1) + 1
        read = open_source(self.path).frames(self.start, stop)
        taken = [fitted(frame.rgb, config.pixels) for frame in islice(read, 0, None, self.step)]
        if len(taken) < config.frames:
            raise UnreadableInput(
                f"{str(self.path)!r} ends {config.frames - len(taken)} frames before what was counted in it; "
                "check that it plays to its end."
            )
        return np.stack(taken)

    def caption(self) -> str | None:
        return words_beside(self.path)

    def style(self) -> str | None:
        return row_beside(self.path).get("style") or None

    def control(self, kind: ControlKind, config: CurationConfig) -> None:
        return None


def fitted(rgb: Picture, pixels: int) -> Picture:
    """About so many pixels in the picture's aspect, sides multiples of `STEP`; shrunk, and cut at the edges."""
    height, width = rgb.shape[:2]
    across, down = (max(STEP, side // STEP * STEP) for side in working_size(width, height, pixels, STEP))
    ratio = max(across / width, down / height)
    size = max(across, round(width * ratio)), max(down, round(height * ratio))
    if size != (width, height):
        rgb = np.asarray(
            cv2.resize(rgb, size, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC), np.uint8
        )
    left, top = (size[0] - across) // 2, (size[1] - down) // 2
    return np.ascontiguousarray(rgb[top : top + down, left : left + across])


def sources_in(given: Sequence[str]) -> Iterator[Path | range]:
    """Videos, those of folders too, and seeds of scenes, as given.

    Raises:
        InputError: there is nothing of that name, or a number of scenes is none.
    """
    scenes = 0
    for text in given:
        kind, colon, count = text.partition(":")
        path = Path(text)
        if kind == WORLD and colon and not path.exists():
            if not count.isdigit() or not int(count):
                raise UnsupportedOption(f"{text!r} is no number of scenes; write for example world:40.")
            yield range(scenes, scenes + int(count))
            scenes += int(count)
        elif path.is_dir():
            videos = sorted(file for file in path.rglob("*") if file.suffix.lower() in VIDEO_SUFFIXES)
            if not videos:
                raise InputError(f"The folder {text!r} holds no videos; give one that does.")
            yield from videos
        elif path.exists():
            yield path
        else:
            raise UnreadableInput(f"No such file: {text!r}; check the path.")


def excerpts(path: Path, licence: str, config: CurationConfig) -> list[Excerpt]:
    """Clips of the shots of a video, in order; none where no shot is long enough. Raises `UnreadableInput`."""
    source = open_source(path)
    shots = find_shots(source)
    step = max(1, round(source.info.fps / config.fps))
    return [Excerpt(path, licence, start, step) for shot in shots for start in _starts(shot, step, config)]


def _starts(shot: Shot, step: int, config: CurationConfig) -> list[int]:
    """First frames of as many clips as fit without overlap, spread evenly."""
    span, length = step * (config.frames - 1) + 1, shot.stop - shot.start
    count = min(config.windows, length // span)
    room = length - count * span
    return [shot.start + number * span + (2 * number + 1) * room // (2 * count) for number in range(count)]
