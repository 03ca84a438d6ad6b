"""Frames from pictures: a folder, a numbered pattern, or one picture alone."""

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from impasto.errors import UnreadableInput
from impasto.video.pictures import PICTURE_SUFFIXES, read_picture
from impasto.video.salvage import Ledger
from impasto.video.types import ColorTags, Frame, Picture, VideoInfo

_DEFAULT_RATE = Fraction(24)


def pictures_in(path: Path) -> list[Path]:
    """The pictures of a folder in natural order, or those that match a pattern such as `frames/%04d.png`.

    Raises `UnreadableInput` where there is none.
    """
    folder = path if path.is_dir() else path.parent
    if not folder.is_dir():
        raise UnreadableInput(f"No such folder: {str(folder)!r}; check the path.")
    if path.is_dir():
        found = [file for file in folder.iterdir() if file.suffix.lower() in PICTURE_SUFFIXES and _visible(file)]
        if not found:
            raise UnreadableInput(f"The folder {str(path)!r} holds no pictures; put png or jpg files into it.")
    else:
        pattern = _pattern(path.name)
        found = [file for file in folder.iterdir() if pattern.fullmatch(file.name)]
        if not found:
            raise UnreadableInput(f"No file matches {str(path)!r}; check the pattern (such as frames/%04d.png).")
    return sorted(found, key=lambda file: [int(part) if part.isdigit() else part for part in _parts(file.name)])


def _visible(file: Path) -> bool:
    return not file.name.startswith(".") and file.is_file()


def _parts(name: str) -> list[str]:
    return re.split(r"([0-9]+)", name)


def _pattern(name: str) -> re.Pattern[str]:
    match = re.search(r"%(0(\d+))?d", name)
    if not match:
        raise UnreadableInput(f"No such file: {name!r}; a numbered pattern holds %d or %04d.")
    digits = rf"\d{{{match[2]},}}" if match[2] else r"\d+"
    return re.compile(re.escape(name[: match.start()]) + digits + re.escape(name[match.end() :]))


class PictureSequence:
    """A `FrameSource` over still pictures of equal duration; a size that differs is scaled to the first.

    Raises `UnreadableInput` where no picture can be read.
    """

    def __init__(self, path: Path, files: list[Path], fps: Fraction | None) -> None:
        single = files == [path]
        self._files = list(files)
        self._readable = 0
        self._ledger = Ledger(path, "pictures")
        self._ledger.promised = len(files)
        rgb, alpha = read_picture(path) if single else self._read_first(path)
        height, width = rgb.shape[:2]
        rate = fps or _DEFAULT_RATE
        self._info = VideoInfo(
            path=path,
            kind="picture" if single else "folder",
            width=width,
            height=height,
            fps=rate,
            frames=len(self._files),
            frames_exact=single,
            duration=len(self._files) / rate,
            has_alpha=alpha is not None,
            color=ColorTags(),
            codec=self._files[0].suffix.lower().lstrip("."),
            container="picture" if single else "folder",
            time_base=1 / rate,
        )

    @property
    def info(self) -> VideoInfo:
        return self._info

    @property
    def notes(self) -> list[str]:
        return self._ledger.notes

    @property
    def record(self) -> dict[str, Any]:
        return self._ledger.record

    def frames(self, start: int = 0, stop: int | None = None) -> Iterator[Frame]:
        """See `FrameSource.frames`."""
        step = 1 / self._info.fps
        size = (self._info.width, self._info.height)
        for index, rgb, alpha in self._pictures(start, stop):
            if self._info.has_alpha and alpha is None:
                alpha = np.full(rgb.shape[:2], 255, np.uint8)
            if rgb.shape[1::-1] != size:
                self._ledger.note(f"Pictures of other sizes were scaled to the first, {size[0]}x{size[1]}.")
                rgb = _resized(rgb, size)
                alpha = None if alpha is None else _resized(alpha, size)
            yield Frame(rgb=rgb, time=index * step, duration=step, alpha=alpha if self._info.has_alpha else None)

    def small_frames(self, max_side: int) -> Iterator[tuple[Fraction, Picture]]:
        """See `FrameSource.small_frames`."""
        width, height = self._info.width, self._info.height
        scale = min(1.0, max_side / max(width, height))
        size = max(1, round(width * scale)), max(1, round(height * scale))
        for index, rgb, _ in self._pictures(0, None):
            yield index / self._info.fps, _resized(rgb, size)

    def _pictures(self, start: int, stop: int | None) -> Iterator[tuple[int, Picture, Picture | None]]:
        # A broken picture gives up its number, so those before `start` have to be tried once.
        index = min(start, self._readable)
        while index < len(self._files):
            if stop is not None and index >= stop:
                return
            picture = self._try(index)
            if picture is None:
                continue
            if index >= start:
                yield index, *picture
            index += 1
        self._ledger.finish(len(self._files))
        frames = len(self._files)
        self._info = replace(self._info, frames=frames, frames_exact=True, duration=frames / self._info.fps)

    def _try(self, index: int) -> tuple[Picture, Picture | None] | None:
        try:
            picture = read_picture(self._files[index])
        except UnreadableInput:
            self._ledger.lost(self._files.pop(index).name)
            return None
        self._readable = max(self._readable, index + 1)
        return picture

    def _read_first(self, path: Path) -> tuple[Picture, Picture | None]:
        while self._files:
            picture = self._try(0)
            if picture is not None:
                return picture
        raise UnreadableInput(f"None of the pictures in {str(path)!r} can be read; check that they open in a viewer.")


def _resized(picture: Picture, size: tuple[int, int]) -> Picture:
    if picture.shape[1::-1] == size:
        return picture
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
