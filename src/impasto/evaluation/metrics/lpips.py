"""LPIPS: how far two pictures are apart, by the features of a network.

Legend: B pictures, C channels, H height, W width.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from impasto.errors import InputError
from impasto.evaluation.metrics.nano import EXTRACTOR, FAVOURS, RESIZE
from impasto.evaluation.metrics.protocol import EVERY_PAIR, MetricProtocol

EPSILON = 1e-10
"""Keeps positions without any feature at zero."""

LPIPS_NANO = MetricProtocol(
    name="LPIPS-nano",
    better="lower",
    definition="cosine distance of the features at each position; mean over positions, then layers, 0..1: Zhang 2018 "
    "with heads that weigh all channels and layers alike",
    extractor=f"{EXTRACTOR}, relu1_1 .. relu5_1",
    resize=RESIZE,
    frames=EVERY_PAIR,
    trap=f"no head was fitted to what people see; {FAVOURS}",
)


def lpips(first: Sequence[Tensor], second: Sequence[Tensor], heads: Sequence[Tensor]) -> Tensor:
    """Sum over layers of the mean over positions of the weighted squared difference of unit features, [B].

    Zhang 2018, eq. 1. Scaling the pictures as the backbone wants them is left to the caller.

    Args:
        first: features [B, C, H, W] of each layer; the second likewise.
        heads: weights [C] of each layer.

    Raises:
        InputError: the pictures were not of one size, or the heads are of another network.
    """
    shapes = [[tuple(layer.shape) for layer in features] for features in (first, second)]
    if shapes[0] != shapes[1]:
        raise InputError(
            f"The features to compare have the shapes {shapes[0]} and {shapes[1]}; give pictures of one size."
        )
    if [len(head) for head in heads] != [layer.shape[1] for layer in first]:
        raise InputError(
            f"Heads for {[len(head) for head in heads]} channels do not fit features of "
            f"{[layer.shape[1] for layer in first]}; take both from one network."
        )
    # The paper puts the weights inside the square; the authors' program, whose heads are in use, outside.
    layers = [
        torch.einsum("bchw,c->bhw", (_unit(a) - _unit(b)).square(), head).mean((1, 2))
        for a, b, head in zip(first, second, heads, strict=True)
    ]
    return torch.stack(layers).sum(0)


def lpips_nano(first: Sequence[Tensor], second: Sequence[Tensor]) -> float:
    """LPIPS of `nano_features` of two pictures with uniform heads, in [0, 1]; raises `InputError` for unlike sizes."""
    # Half the squared difference of unit vectors is their cosine distance.
    heads = [layer.new_full((layer.shape[1],), 0.5 / len(first)) for layer in first]
    return lpips(first, second, heads).item()


def _unit(features_BCHW: Tensor) -> Tensor:
    return features_BCHW / (features_BCHW.norm(dim=1, keepdim=True) + EPSILON)
