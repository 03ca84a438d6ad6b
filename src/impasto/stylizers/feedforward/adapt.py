"""Adapting the predicted parameters to one style and one clip, for a fixed number of steps from the seed.

Legend: T frames, H height, W width.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from impasto.color.transport import apply
from impasto.motion.flow import DisFlow, gray
from impasto.motion.occlusion import consistent
from impasto.motion.warp import warp_tensor
from impasto.perception.encoder import Encoder
from impasto.perception.statistics import content_distance, style_distance, style_statistics
from impasto.stylizers.feedforward.code import StyleCode, split_layers
from impasto.stylizers.feedforward.network import NetworkConfig, Parameters, repaint, soft_clamp
from impasto.weights.memory import channels_last, keep_freed_memory


@dataclass(frozen=True)
class AdaptConfig:
    steps: int
    crop: int = 256
    """Side of the crops: each is to have the statistics of the whole style, so they must show enough of the frame."""
    rate: float = 2e-3
    style_weight: float = 4.0
    content_weight: float = 0.9
    temporal_weight: float = 10.0
    pair_every: int = 3
    """Steps between those that see two neighbouring frames, for the temporal loss."""


def _crop_pair(pair_2HW3: np.ndarray, size: int, rng: np.random.Generator) -> np.ndarray:
    height, width = pair_2HW3.shape[1:3]
    rows, columns = min(size, height) // 16 * 16, min(size, width) // 16 * 16
    y, x = int(rng.integers(0, height - rows + 1)), int(rng.integers(0, width - columns + 1))
    return np.ascontiguousarray(pair_2HW3[:, y : y + rows, x : x + columns])


def temporal_loss(painted_2CHW: Tensor, pair_2HW3: np.ndarray, estimate: DisFlow) -> Tensor:
    """Squared difference of the two outputs along the source's flow where it is trusted (Ruder 2016, eq. 7)."""
    grays = [gray((frame * 255).astype(np.uint8)) for frame in pair_2HW3]
    forward, backward = estimate(grays[0], grays[1]), estimate(grays[1], grays[0])
    trusted = torch.from_numpy(consistent(forward, backward)).float()
    carried = warp_tensor(painted_2CHW[1:], torch.from_numpy(forward)[None])
    error = (painted_2CHW[:1] - carried).square().mean(1) * trusted
    return error.sum() / trusted.sum().clamp(min=1)


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
    rng, estimate = np.random.default_rng(seed), DisFlow("fast")
    encoder = channels_last(encoder)
    parameters = {name: value.detach().clone().requires_grad_() for name, value in predicted.items()}
    optimizer = torch.optim.Adam(parameters.values(), lr=config.rate, betas=(0.9, 0.99))
    wanted = split_layers(style.statistics[None])
    for step in range(config.steps):
        # Warm-up, then a linear fall: the last steps settle.
        left = 1 - step / config.steps
        for group in optimizer.param_groups:
            group["lr"] = config.rate * min(1.0, (step + 1) / 5, 0.05 + 1.5 * left)
        pair = _crop_pair(pairs_P2HW3[int(rng.integers(len(pairs_P2HW3)))], config.crop, rng)
        if step % config.pair_every or np.array_equal(pair[0], pair[1]):
            pair = pair[:1]
        frames = torch.from_numpy(pair).permute(0, 3, 1, 2)
        moved = apply(frames, *colors).contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16):
            painted = soft_clamp(repaint(moved, parameters, network).float())
            seen = encoder(painted.contiguous(memory_format=torch.channels_last), first_stride=2)
            with torch.no_grad():
                plain = encoder(frames.contiguous(memory_format=torch.channels_last), first_stride=2)
        before = style_distance(style_statistics(plain), wanted)
        distance = style_distance(style_statistics(seen), wanted)
        loss = config.style_weight * (distance / before.clamp(min=0.3)).mean()
        loss = loss + config.content_weight * content_distance(seen[3], plain[3]).mean()
        if len(pair) == 2:
            loss = loss + config.temporal_weight * temporal_loss(painted, pair, estimate)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        progress((step + 1) / config.steps)
    return {name: value.detach() for name, value in parameters.items()}
