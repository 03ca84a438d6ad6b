"""Weights as bytes with a scale for each row: a quarter of the size for a hundredth of the precision."""

from collections.abc import Collection, Mapping

import torch
from torch import Tensor

SCALE = "/scale"


def to_bytes(state: Mapping[str, Tensor], names: Collection[str] | None = None) -> dict[str, Tensor]:
    """Tensors as they are stored: some as int8, with their scales as `NAME/scale` in float16, all others as float16.

    A matrix has a scale for each row, a kernel one for each filter or pair of channels: the later half of its
    dimensions shares one.

    Args:
        names: of the tensors to be stored as bytes; None: all of two dimensions or more.
    """
    stored = {}
    for name, value in state.items():
        value = value.detach().float()
        if value.dim() > 1 if names is None else name in names:
            scale = value.abs().amax(tuple(range(value.dim() // 2, value.dim())), keepdim=True)
            scale = scale.clamp(min=1e-5).div(127).half()
            stored[name + SCALE] = scale
            stored[name] = (value / scale.float()).round().clamp(-127, 127).to(torch.int8)
        else:
            stored[name] = value.half()
    return {name: value.contiguous() for name, value in stored.items()}


def from_bytes(stored: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What `to_bytes` took, in float32."""
    scales = {name.removesuffix(SCALE): value.float() for name, value in stored.items() if name.endswith(SCALE)}
    state = {name: value.float() for name, value in stored.items() if not name.endswith(SCALE)}
    return {name: value * scales[name] if name in scales else value for name, value in state.items()}
