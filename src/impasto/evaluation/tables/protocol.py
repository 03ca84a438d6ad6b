"""What the methods of a table are compared on, and with what budget."""

from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np

from impasto.evaluation.assets import CLIPS, STYLES, clip_file
from impasto.video.source import open_source
from impasto.video.types import Picture


@dataclass(frozen=True, kw_only=True)
class Span:
    """What is painted of each clip."""

    name: str
    frames: int | None = None
    """From the first on; None: all."""
    width: int | None = None
    """Pixels; None: the clip's own size."""


@dataclass(frozen=True, kw_only=True)
class Protocol:
    clips: tuple[str, ...] = CLIPS
    styles: tuple[str, ...] = STYLES
    short: Span = Span(name="first 12 frames, 256 pixels wide", frames=12, width=256)
    whole: Span = Span(name="whole clips at their own size")
    """Painted by the methods that are fast enough."""
    iterations: int = 100
    """Of optimising a frame, at each level of the pyramid."""
    passes: int = 3
    """Of the multi-pass algorithm."""
    steps: int = 300
    """Of teaching a network a style."""
    judged: int = 3
    """Frames of each painted clip whose style and content are judged, from the first to the last."""
    positions: int = 512
    """Of each layer, between which the exact Wasserstein distance is computed."""
    cores: int = 1
    """Of the processor, on which all is painted, so that rows painted at the same time do not disturb each other."""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Every clip with every style."""
        return list(product(self.clips, self.styles))


QUICK = Protocol(
    clips=CLIPS[:1],
    styles=STYLES[:1],
    short=Span(name="first 3 frames, 64 pixels wide", frames=3, width=64),
    whole=Span(name="first 7 frames, 64 pixels wide", frames=7, width=64),
    iterations=2,
    passes=2,
    steps=2,
    judged=1,
    positions=32,
)
"""To see that everything runs; the figures mean nothing."""


def read_frames(clip: str, span: Span) -> list[Picture]:
    """The frames of a clip, uint8 RGB [H, W, 3]; raises `ModelError` where the data folder lacks it."""
    frames = [frame.rgb for frame in open_source(clip_file(clip)).frames(0, span.frames)]
    if span.width is None:
        return frames
    height, width = frames[0].shape[:2]
    size = span.width, round(height * span.width / width / 2) * 2
    return [np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), np.uint8) for frame in frames]
