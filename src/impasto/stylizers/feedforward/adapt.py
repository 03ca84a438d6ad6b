"""Adapting the predicted parameters to one style and one clip, for a fixed number of steps from the seed.

Legend: T frames, H height, W width.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from impasto.perception.encoder import Encoder
from impasto.stylizers.feedforward.code import StyleCode
from impasto.stylizers.feedforward.nets import SwiftNet
from impasto.stylizers.feedforward.network import MULTIPLE, ClipNorm, NetworkConfig, Parameters
from impasto.stylizers.feedforward.objective import Objective, crop, statistics_gap
from impasto.stylizers.feedforward.optimizer import Optimizer
from impasto.weights.memory import keep_freed_memory


@dataclass(frozen=True)
class AdaptConfig:
    steps: int
    crop: int = 256
    """Side of the crops: each is to have the statistics of the whole style, so they must show enough of the frame."""
    rate: float = 2e-3
    style_weight: float = 4.0
    content_weight: float = 1.0
    temporal_weight: float = 10.0
    pair_every: int = 3
    """Steps between those that see two neighbouring frames, for the temporal loss."""


def whole_frames(pairs_P2HW3: list[np.ndarray]) -> Tensor:
    """The first frame of each pair, cut to sides that the network takes: [P, 3, H, W]."""
    height, width = (side // MULTIPLE * MULTIPLE for side in pairs_P2HW3[0].shape[1:3])
    return torch.from_numpy(np.stack([pair[0, :height, :width] for pair in pairs_P2HW3])).permute(0, 3, 1, 2)


def adapt(
    predicted: Parameters,
    network: NetworkConfig,
    encoder: Encoder,
    style: StyleCode,
    colors: tuple[Tensor, Tensor],
    pairs_P2HW3: list[np.ndarray],
    config: AdaptConfig,
    seed: int,
    progress: Callable[[float], None],
) -> Parameters:
    """Fine-tune all parameters on crops of the clip's own frames.

    Args:
        colors: matrix and offset of the colour transport.
        pairs_P2HW3: neighbouring frames of the clip, float32 RGB; sides of at least 32 pixels.
        progress: called with the share done.
    """
    keep_freed_memory()
    rng, objective = np.random.default_rng(seed), Objective(encoder, statistics_gap(style.statistics))
    parameters = {name: value.detach().clone().requires_grad_() for name, value in predicted.items()}
    optimizer = Optimizer(parameters.values())
    net = SwiftNet(network, parameters, ClipNorm())
    with torch.no_grad():
        net.paint(whole_frames(pairs_P2HW3), colors)  # so that the statistics of the clip are known
    for step in range(config.steps):
        # Warm-up, then a linear fall: the last steps settle.
        rate = config.rate * min(1.0, (step + 1) / 5, 0.05 + 1.5 * (1 - step / config.steps))
        pair = crop(pairs_P2HW3[int(rng.integers(len(pairs_P2HW3)))], config.crop, rng)
        if step % config.pair_every or np.array_equal(pair[0], pair[1]):
            pair = pair[:1]
        terms = objective(pair, lambda frames: net.paint(frames, colors), rng)
        loss = config.style_weight * terms.gap + config.content_weight * terms.content
        loss = loss + config.temporal_weight * terms.temporal
        optimizer.zero_grad()
        loss.backward()
        optimizer.step(rate)
        progress((step + 1) / config.steps)
    return {name: value.detach() for name, value in parameters.items()}
