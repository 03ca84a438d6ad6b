"""Teaching a network from one painted frame: few-shot patch-based training (Texler 2020, "Interactive video stylization
using few-shot patch-based training").

Legend: N frames, H height, W width.

Departures: the network begins at what `swift` predicts for the painted frame as style picture, so that it need not
learn to paint; patches are larger, and of one lesson a step; the painted frame is carried along the flow to frames near
it, which are lessons too; and there is no adversary: frames that nobody painted are held to the painted frame's
statistics.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.motion.flow import DisFlow, gray
from impasto.motion.occlusion import reliability
from impasto.motion.warp import warp
from impasto.perception.encoder import Encoder
from impasto.stylizers.feedforward.adapt import AdaptConfig, whole_frames
from impasto.stylizers.feedforward.code import StyleCode
from impasto.stylizers.feedforward.nets import Colors, SwiftNet
from impasto.stylizers.feedforward.network import ClipNorm, NetworkConfig, Parameters
from impasto.stylizers.feedforward.objective import Objective, crop, random_window, statistics_gap
from impasto.stylizers.feedforward.optimizer import Optimizer
from impasto.weights.memory import keep_freed_memory
from impasto.weights.precision import autocast

Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class Lesson:
    """What a frame is to look like, bytes [H, W, 3], and where that is known, [H, W] in 0..255."""

    source: Picture
    painted: Picture
    known: Picture


@dataclass(frozen=True)
class FewShotConfig:
    steps: int
    crop: int = 192
    rate: float = 2e-3
    of_painted: float = 0.5
    """Share of the lessons that are the painted frame itself."""
    pixel_weight: float = 10.0
    """Of the mean absolute difference of colours, in [0, 1]."""
    feature_weight: float = 1.0
    """Of the difference of features, by their own size: 1 were a black picture."""
    unpainted_every: int = 4
    """Steps between those that see frames which nobody painted."""
    unpainted: AdaptConfig = field(default_factory=lambda: AdaptConfig(steps=0))
    """Weights of what these are held to."""


def carried(lesson: Lesson, neighbour: Picture) -> Lesson:
    """The lesson of a frame near by: the painted frame seen from there, where the flow can be trusted."""
    estimate, now, then = DisFlow("medium"), gray(neighbour), gray(lesson.source)
    there, back = estimate(now, then), estimate(then, now)
    known = reliability(there, back) * (warp(lesson.known, there).astype(np.float32) / 255)
    return Lesson(neighbour, warp(lesson.painted, there), (known * 255).astype(np.uint8))


def _feature_distance(seen: Sequence[Tensor], wanted: Sequence[Tensor]) -> Tensor:
    """Mean over layers of |difference| / |wanted|, both absolute (Johnson 2016's feature loss, of all layers)."""
    terms = [(a.float() - b.float()).abs().mean() / b.float().abs().mean() for a, b in zip(seen, wanted, strict=True)]
    return torch.stack(terms).mean()


class _PairLoss:
    """Judges what a network makes of lessons."""

    def __init__(self, encoder: Encoder, config: FewShotConfig) -> None:
        self._encoder, self._config = encoder, config

    def __call__(self, lesson: Lesson, paint: Callable[[Tensor], Tensor], rng: np.random.Generator) -> Tensor:
        together = np.concatenate([lesson.source, lesson.painted, lesson.known[..., None]], -1)
        patch_17HW = torch.from_numpy(crop(together[None], self._config.crop, rng)).permute(0, 3, 1, 2).float() / 255
        source, target, known = patch_17HW.split([3, 3, 1], 1)
        painted = paint(source)
        # Where nothing is known the network is right.
        wanted = torch.lerp(painted.detach(), target, known)
        rows, columns = random_window(painted.shape[2], painted.shape[3], rng)
        views = [each[..., rows, columns].contiguous(memory_format=torch.channels_last) for each in (painted, wanted)]
        with autocast():
            seen = self._encoder(views[0], first_stride=2)[:4]
            with torch.no_grad():
                there = self._encoder(views[1], first_stride=2)[:4]
        pixels = (painted - wanted).abs().mean()
        return self._config.pixel_weight * pixels + self._config.feature_weight * _feature_distance(seen, there)


def teach_pair(
    predicted: Parameters,
    network: NetworkConfig,
    encoder: Encoder,
    style: StyleCode,
    colors: Colors,
    lessons: Sequence[Lesson],
    pairs_P2HW3: list[np.ndarray],
    config: FewShotConfig,
    seed: int,
    progress: Callable[[float], None],
) -> Parameters:
    """Fine-tune all parameters on patches of painted frames, and on the clip's other frames.

    Args:
        style: of the painted frame.
        colors: matrix and offset of the colour transport.
        lessons: the painted frame first, then the frames that it was carried to; sides of at least 32 pixels.
        pairs_P2HW3: neighbouring frames of the clip, float32 RGB.
        progress: called with the share done.
    """
    keep_freed_memory()
    rng, pair_loss = np.random.default_rng(seed), _PairLoss(encoder, config)
    objective, other = Objective(encoder, statistics_gap(style.statistics)), config.unpainted
    parameters = {name: value.detach().clone().requires_grad_() for name, value in predicted.items()}
    optimizer = Optimizer(parameters.values())
    net = SwiftNet(network, parameters, ClipNorm())
    with torch.no_grad():
        net.paint(whole_frames([lesson.source[None].astype(np.float32) / 255 for lesson in lessons]), colors)
    for step in range(config.steps):
        # Warm-up, then a linear fall: the last steps settle.
        rate = config.rate * min(1.0, (step + 1) / 5, 0.05 + 1.5 * (1 - step / config.steps))
        number = 0 if len(lessons) == 1 or rng.random() < config.of_painted else int(rng.integers(1, len(lessons)))
        loss = pair_loss(lessons[number], lambda frames: net.paint(frames, colors), rng)
        if step % config.unpainted_every == 0:
            pair = crop(pairs_P2HW3[int(rng.integers(len(pairs_P2HW3)))], other.crop, rng)
            terms = objective(pair, lambda frames: net.paint(frames, colors), rng)
            loss = loss + other.style_weight * terms.gap + other.content_weight * terms.content
            loss = loss + other.temporal_weight * terms.temporal
        optimizer.zero_grad()
        loss.backward()
        optimizer.step(rate)
        progress((step + 1) / config.steps)
    return {name: value.detach() for name, value in parameters.items()}
