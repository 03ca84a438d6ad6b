"""Results as raters get them: under a name that says nothing, without sound and tags, playable in every browser."""

import os
import secrets
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np

from impasto.video.encode import SegmentWriter
from impasto.video.files import remove
from impasto.video.formats import choose_format
from impasto.video.mux import mux
from impasto.video.pictures import is_picture, over_white, read_picture, write_picture
from impasto.video.source import FrameSource, open_source
from impasto.video.types import Picture

MEDIA = "media"
"""Folder of the files beside the page."""
_CRF = 12
_REFERENCE_SIDE = 1280
_ANY_TIME = 946_684_800


class Publisher:
    """Writes videos as h264 and pictures as png into `folder`; tells `on_file` how many it has written.

    All files are made anew, also those that a browser could play: else tags, codec or ending could tell one method
    from another.
    """

    def __init__(self, folder: Path, on_file: Callable[[int], None]) -> None:
        self._folder, self._on_file = folder, on_file
        self._done = 0

    def __call__(self, path: Path, reference: bool = False) -> str:
        """Name of the new file as seen from the page; a `reference` is shown small, and a picture of one stored so.

        Raises `UnreadableInput`, `OutputProblem`, `ResourceError`.
        """
        # Not from the seed, from which a rater could find the name again.
        stem = self._folder / secrets.token_hex(8)
        written = _write_picture(path, stem, reference) if is_picture(path) else _write_video(path, stem)
        # The order of writing is that of the methods, and archives and web servers tell it.
        os.utime(written, (_ANY_TIME, _ANY_TIME))
        self._done += 1
        self._on_file(self._done)
        return f"{self._folder.name}/{written.name}"


def _write_picture(path: Path, stem: Path, reference: bool) -> Path:
    rgb, alpha = read_picture(path)
    rgb = rgb if alpha is None else over_white(rgb, alpha)
    target = stem.with_suffix(".png")
    write_picture(target, _small(rgb) if reference else rgb)
    return target


def _write_video(path: Path, stem: Path) -> Path:
    bare = _Bare(open_source(path))
    target, segment = stem.with_suffix(".mp4"), stem.with_suffix(".segment")
    fmt = choose_format(target, bare.info, "h264", _CRF)
    with SegmentWriter(segment, fmt, bare.info) as writer:
        for frame in bare.frames():
            writer.write(frame)
    mux([segment], bare, fmt, target, [], "")
    remove(segment)
    return target


class _Bare:
    """A `FrameSource` that has its frames and nothing else: no sound, no chapters, no tags to take over."""

    def __init__(self, source: FrameSource) -> None:
        # Not every browser shows the full range of values as it is meant.
        color = replace(source.info.color, full_range=False)
        self.info = replace(source.info, kind="folder", start=Fraction(0), tracks=(), chapters=0, color=color)
        self.frames, self.small_frames = source.frames, source.small_frames
        self.notes, self.record = source.notes, source.record


def _small(rgb: Picture) -> Picture:
    scale = _REFERENCE_SIDE / max(rgb.shape[:2])
    if scale >= 1:
        return rgb
    return cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
