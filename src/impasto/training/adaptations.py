"""Pictures painted to please an encoder: what `swift` makes while it adapts through the encoder that is being trained.

A network optimised through an encoder finds what that encoder gets wrong. Trained on such pictures too, it has less to
be exploited, and adapting brings pictures nearer to the style by the teacher's measure as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.color.transport import apply, color_statistics, transport
from impasto.perception.encoder import Encoder
from impasto.perception.statistics import content_distance, style_distance, style_statistics
from impasto.stylizers.feedforward.adapt import AdaptConfig
from impasto.stylizers.feedforward.code import STYLE_SIDE, split_layers
from impasto.stylizers.feedforward.network import Parameters, repaint, soft_clamp
from impasto.stylizers.feedforward.optimizer import Optimizer
from impasto.stylizers.feedforward.weights import embedded_predictor
from impasto.training.pictures import batch, random_crop
from impasto.weights.precision import autocast

Picture = NDArray[np.uint8]


@dataclass
class _Adaptation:
    photo: Picture
    wanted: list[Tensor]
    colors: tuple[Tensor, Tensor]
    parameters: Parameters
    optimizer: Optimizer
    steps_left: int


class Adaptations:
    """A few adaptations to random styles and photos, each going on by one step when its turn comes."""

    def __init__(self, photos: Sequence[Picture], styles: Sequence[Picture], rng: np.random.Generator, crop: int):
        self.photos, self.styles, self.rng, self.crop = photos, styles, rng, crop
        self.config = AdaptConfig(steps=120, rate=2e-3)
        self.running: list[_Adaptation | None] = [None] * 4
        self.turn = 0

    def paint(self, encoder: Encoder, count: int) -> Tensor:
        """`count` crops [count, 3, crop, crop] as the next adaptation paints them, after one step of it."""
        self.turn = (self.turn + 1) % len(self.running)
        one = self.running[self.turn]
        if one is None or one.steps_left == 0:
            one = self.running[self.turn] = self._start(encoder)
            one.steps_left = int(self.rng.integers(20, self.config.steps))
        crops = [random_crop(one.photo, self.crop, self.rng, (160, 320)) for _ in range(count)]
        frames = torch.from_numpy(batch(crops)).contiguous(memory_format=torch.channels_last)
        moved = apply(frames, *one.colors).contiguous(memory_format=torch.channels_last)
        with autocast():
            painted = soft_clamp(repaint(moved, one.parameters, embedded_predictor().config.network).float())
            seen = encoder(painted.contiguous(memory_format=torch.channels_last), first_stride=2)
            with torch.no_grad():
                plain = encoder(frames, first_stride=2)
        before = style_distance(style_statistics(plain), one.wanted).clamp(min=0.3)
        loss = self.config.style_weight * (style_distance(style_statistics(seen), one.wanted) / before).mean()
        loss = loss + self.config.content_weight * content_distance(seen[3], plain[3]).mean()
        values = list(one.parameters.values())
        for value, gradient in zip(values, torch.autograd.grad(loss, values), strict=True):
            value.grad = gradient
        one.optimizer.step(self.config.rate)
        one.steps_left -= 1
        return painted.detach().clamp(0, 1)

    @torch.no_grad()
    def _start(self, encoder: Encoder) -> _Adaptation:
        photo, style = (table[int(self.rng.integers(len(table)))] for table in (self.photos, self.styles))
        style = random_crop(style, STYLE_SIDE, self.rng, (STYLE_SIDE, 2 * STYLE_SIDE))
        ratio = STYLE_SIDE / min(photo.shape[:2])
        whole = cv2.resize(photo, None, fx=ratio, fy=ratio, interpolation=cv2.INTER_AREA)
        pictures = [torch.from_numpy(batch([rgb])) for rgb in (style, whole)]
        codes = [torch.cat(style_statistics(encoder(rgb)), 1)[0] for rgb in pictures]
        colors = transport(*(color_statistics(rgb[0].flatten(1).T) for rgb in reversed(pictures)))
        predictor = embedded_predictor()
        with torch.enable_grad():
            predicted = predictor(*(predictor.project(code) for code in codes))
            parameters = {name: value.detach().clone().requires_grad_() for name, value in predicted.items()}
        optimizer = Optimizer(parameters.values())
        return _Adaptation(photo, split_layers(codes[0][None]), colors, parameters, optimizer, 0)
