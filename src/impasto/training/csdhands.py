"""Who paints what `csd-nano` learns from: a hand takes pictures of one size and repaints them in one style.

Legend: H height, W width. Pictures are uint8 RGB [H, W, 3].
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch

from impasto.color.transport import apply, color_statistics, transport
from impasto.perception.encoder import embedded_encoder
from impasto.scenes.styles import style_picture
from impasto.stylizers.feedforward.code import STYLE_SIDE, encode_style
from impasto.stylizers.feedforward.margins import eager_engine
from impasto.stylizers.feedforward.nets import SwiftNet
from impasto.stylizers.feedforward.swift import predict, shot_colors
from impasto.stylizers.feedforward.weights import embedded_predictor
from impasto.training.pictures import batch, short_side
from impasto.video.types import Picture

Hand = Callable[[list[Picture], np.random.Generator], list[Picture]]


def untouched(subjects: list[Picture], rng: np.random.Generator) -> list[Picture]:
    """The pictures as they are."""
    return subjects


@dataclass(frozen=True)
class Swift:
    """`swift` as predicted (preset draft), each picture by itself."""

    style: Callable[[], Picture]
    """Reads or makes the style picture."""
    mixed: float = 0.4
    """Share of what is painted that is mixed with the photo, at a strength of 0.5 to 1."""

    @torch.no_grad()
    def __call__(self, subjects: list[Picture], rng: np.random.Generator) -> list[Picture]:
        code = encode_style(embedded_encoder(), torch.from_numpy(batch([short_side(self.style(), STYLE_SIDE)])))
        painted = []
        for subject in subjects:
            frame = np.divide(subject, 255, dtype=np.float32)
            net = SwiftNet(embedded_predictor().config.network, predict(code, [frame[None]]))
            colors = shot_colors([frame[None]], code.colors)
            # The network as it learns: nothing is compiled for one picture.
            rgb = eager_engine(partial(net.paint, colors=colors))(frame)
            strength = rng.uniform(0.5, 1) if rng.random() < self.mixed else 1.0
            painted.append(_bytes(frame + np.float32(strength) * (rgb - frame)))
        return painted

    @torch.no_grad()
    def clip(self, frames: Sequence[Picture]) -> list[Picture]:
        """The frames of one shot, by one network at full strength."""
        code = encode_style(embedded_encoder(), torch.from_numpy(batch([short_side(self.style(), STYLE_SIDE)])))
        shot = [np.divide(frame, 255, dtype=np.float32) for frame in frames]
        sampled = [frame[None] for frame in (shot[0], shot[len(shot) // 2], shot[-1])]
        net = SwiftNet(embedded_predictor().config.network, predict(code, sampled))
        engine = net.engine(
            torch.from_numpy(np.concatenate(sampled)).permute(0, 3, 1, 2),
            shot_colors(sampled, code.colors),
            *frames[0].shape[:2],
        )
        return [_bytes(engine(frame)) for frame in shot]


@dataclass(frozen=True)
class Drawn:
    """One style of a kind that is made by code."""

    kind: str
    number: int

    def __call__(self, subjects: list[Picture], rng: np.random.Generator) -> list[Picture]:
        return [self.over(subject) for subject in subjects]

    def over(self, subject: Picture) -> Picture:
        # The same chance for every subject: palette, scale and marks are the style.
        chance = np.random.default_rng([self.number, *self.kind.encode()])
        return _bytes(style_picture(self.kind, chance, subject.shape[:2], subject / np.float32(255)))


@dataclass(frozen=True)
class Graded:
    """The colours of a style picture and nothing else of it, at one strength."""

    style: Callable[[], Picture]

    def __call__(self, subjects: list[Picture], rng: np.random.Generator) -> list[Picture]:
        strength = rng.uniform(0.4, 1)
        wanted = color_statistics(_pixels(self.style()))
        graded = []
        for subject in subjects:
            rgb_13HW = torch.from_numpy(batch([subject]))
            moved = apply(rgb_13HW, *transport(color_statistics(_pixels(subject)), wanted))
            graded.append(_bytes(rgb_13HW.lerp(moved, strength)[0].permute(1, 2, 0).numpy()))
        return graded


def _pixels(rgb: Picture) -> torch.Tensor:
    return torch.from_numpy(rgb.reshape(-1, 3) / np.float32(255))


def _bytes(rgb: np.ndarray) -> Picture:
    return (np.clip(rgb, 0, 1) * 255).round().astype(np.uint8)
