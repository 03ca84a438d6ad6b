"""Painted clips that the cases are made from."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from impasto.evaluation.assets import CLIPS, STYLES, style_file
from impasto.evaluation.fixture.madeclip import MadeClip
from impasto.evaluation.tables.painting import paint
from impasto.evaluation.tables.protocol import Span, read_frames
from impasto.evaluation.tables.rows import SwiftMethod
from impasto.job.pixels import to_bytes
from impasto.scenes.demo import demo_scene
from impasto.scenes.scene import Scene, picture
from impasto.scenes.simple import simple_scene
from impasto.scenes.styles import style_picture
from impasto.video.pictures import read_style_picture
from impasto.video.types import Picture
from impasto.weights.paths import assets_dir

FPS = Fraction(8)
"""Of every clip, so that every frame is looked at."""
EVERY = 3
"""Frames of the data folder's clips, which have 24 a second, of which one is taken."""
PROMPTS = ("a woman dances and turns in the street", "a rider on a horse jumps over a fence")
"""Of the first clips of the data folder, in our words."""


@dataclass(frozen=True, kw_only=True)
class Size:
    frames: int = 10
    width: int = 256


QUICK = Size(frames=9, width=64)
"""To see that everything runs; the verdicts mean nothing."""


def rendered(size: Size) -> list[MadeClip]:
    """Two scenes made by code, repainted frame by frame in a style that is made by code as well."""
    # Shown faster than they are rendered: at their own pace they hardly move.
    harbour = demo_scene(size.width, Fraction(size.frames, 2), 2)
    things = simple_scene((round(size.width * 9 / 16), size.width), 3, Fraction(size.frames, 3), Fraction(3))
    return [
        _painted_by_code("harbour", harbour, "oil", 0, "a harbour village with boats and a lighthouse"),
        _painted_by_code("things", things, "mosaic", 1, "a disc, a blob and a board before a painted wall"),
    ]


def filmed(size: Size) -> list[MadeClip]:
    """Two clips of the data folder, repainted by `swift`; none where they are not there."""
    if not (assets_dir() / "eval").is_dir():
        return []
    return [_painted_by_swift(*each, size) for each in zip(CLIPS, STYLES, PROMPTS, strict=False)]


def _painted_by_code(name: str, scene: Scene, kind: str, seed: int, prompt: str) -> MadeClip:
    frames = [picture(scene, time) for time in scene.times]

    def repainted(frame: np.ndarray) -> Picture:
        return to_bytes(style_picture(kind, np.random.default_rng(seed), scene.size, frame))

    return MadeClip(
        name=name,
        about=f"rendered by code, repainted by code as {kind}",
        fps=FPS,
        sources=[to_bytes(frame) for frame in frames],
        outputs=[repainted(frame) for frame in frames],
        style=repainted(picture(simple_scene(scene.size, 8), 0)),
        prompt=prompt,
    )


def _painted_by_swift(clip: str, style: str, prompt: str, size: Size) -> MadeClip:
    sources = read_frames(clip, Span(name="", frames=EVERY * size.frames, width=size.width))[::EVERY]
    painted, _ = paint(SwiftMethod("draft"), style, sources)
    return MadeClip(
        name=clip,
        about=f"every third frame, repainted by swift (draft) as {style}",
        fps=FPS,
        sources=sources,
        outputs=painted,
        style=read_style_picture(style_file(style)),
        prompt=prompt,
    )
