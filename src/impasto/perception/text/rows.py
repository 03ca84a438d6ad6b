"""Matrices as bytes with a scale for each row: a quarter of the size for a hundredth of the precision."""

from collections.abc import Mapping

import torch
from torch import Tensor

SCALE = "/scale"


def to_bytes(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Matrices as int8, with their scales as `NAME/scale` in float16; vectors as float16."""
    stored = {}
    for name, value in state.items():
        value = value.detach().float()
        if value.dim() == 2:
            scale = value.abs().amax(1, keepdim=True).clamp(min=1e-5).div(127).half()
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
