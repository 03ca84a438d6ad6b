"""What a route is: a way from a clip to a pair.

Legend: T frames, H height, W width. Frames are uint8 RGB.
"""

from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np

from impasto.curation.clips import Clip, Scene
from impasto.curation.config import CurationConfig
from impasto.curation.styles import Hand, Own, Painting
from impasto.perception.control.estimators import nano_estimator, published_estimator
from impasto.perception.control.pictures import ControlKind
from impasto.scenes.scene import picture
from impasto.scenes.world.chance import random_scene
from impasto.video.types import Picture

Paints = Literal["hand", "painting", "own"]
"""By a hand made by code, after a painting, or in the style that the clip has already."""
ELSEWHERE = 1_000_000
"""Seeds of scenes from here on are never clips."""


class Pair(NamedTuple):
    raw: np.ndarray
    """[T, H, W, 3]"""
    stylized: np.ndarray
    """[T, H, W, 3]"""
    pictures: list[Picture]
    """In the same style, of other content: a reference with the target's own teaches copying."""
    lineage: dict[str, Any]
    """By what it was made, as plain data."""


@dataclass(frozen=True, kw_only=True)
class Order:
    """A pair that is to be made."""

    clip: Clip
    frames: np.ndarray
    """Those of the clip, [T, H, W, 3]."""
    caption: str
    """What the clip shows, no word of style."""
    caption_styled: str
    """The same with words for the style; the caption itself where there are none."""
    style: Hand | Painting | Own
    config: CurationConfig
    rng: np.random.Generator = field(repr=False)

    @property
    def seed(self) -> int:
        """Another one each time."""
        return int(self.rng.integers(2**31))


class Route(Protocol):
    @property
    def paints(self) -> Paints:
        """In what kind of style."""
        ...

    @property
    def summary(self) -> str: ...

    def check(self, config: CurationConfig) -> None:
        """Raise `ImpastoError` for settings with which it cannot make any pair."""
        ...

    def make(self, order: Order) -> Pair:
        """The pair; raises `ImpastoError`."""
        ...


def control_pictures(order: Order) -> dict[ControlKind, np.ndarray]:
    """What the clip is led by, [T, H, W, 3] by kind: exact where the clip is rendered, else estimated.

    Raises:
        ModelError: what estimates is missing.
    """
    estimator = nano_estimator if order.config.animator == "nano" else published_estimator
    pictures = {}
    for kind in order.config.controls:
        exact = order.clip.control(kind, order.config)
        if exact is None:
            estimate, frames = estimator(kind), [np.divide(one, 255, dtype=np.float32) for one in order.frames]
            estimate.fit(frames)
            exact = np.stack([estimate(frame) for frame in frames])
        pictures[kind] = exact
    return pictures


class Subject(NamedTuple):
    """What a style picture shows."""

    picture: Picture
    caption: str


def other_subjects(order: Order, fewer: int = 0) -> list[Subject]:
    """Scenes that the clip does not show, of its size, as many as the pair wants, `fewer` less."""
    least, most = order.config.pictures
    count = int(order.rng.integers(least, most + 1)) - fewer
    size = order.frames.shape[1:3]
    seeds = order.rng.integers(ELSEWHERE, 2 * ELSEWHERE, size=max(0, count))
    return [
        Subject((255 * picture(random_scene(seed, size), 1.0)).round().astype(np.uint8), Scene(seed).caption())
        for seed in seeds.tolist()
    ]
