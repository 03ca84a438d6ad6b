"""What a training needs to go on where it was stopped: parameters and moments of gradients in one safetensors file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from impasto.training.group import pieces_like, whole
from impasto.video.files import writing, written_atomically

MOMENTS = "/moments/"


class Optimizer(Protocol):
    """An optimizer whose moments can be kept."""

    def zero_grad(self) -> None: ...

    def step(self, rate: float) -> None:
        """Move all parameters against their gradients."""
        ...

    def moments(self, parameter: Tensor) -> dict[str, Tensor]:
        """What is remembered of a parameter's gradients; nothing before the first step."""
        ...

    def remember(self, parameter: Tensor, moments: dict[str, Tensor], step: int) -> None:
        """Go on with the moments of a parameter after `step` steps; none begins anew."""
        ...


def snapshot(parameters: Mapping[str, Tensor], optimizer: Optimizer) -> dict[str, Tensor]:
    """Copies of the parameters by name, and of their moments by `NAME/moments/KIND` once there are any.

    Whole, also where each of several processes has a piece of them; all processes must ask for it.
    """
    state = {name: whole(value.detach()).clone() for name, value in parameters.items()}
    for name, value in parameters.items():
        state |= {f"{name}{MOMENTS}{kind}": whole(moment) for kind, moment in optimizer.moments(value).items()}
    return state


@torch.no_grad()
def restore(state: Mapping[str, Tensor], parameters: Mapping[str, Tensor], optimizer: Optimizer, step: int) -> None:
    """Put back what `snapshot` took after `step` steps."""
    moments: dict[str, dict[str, Tensor]] = {name: {} for name in parameters}
    for key, value in state.items():
        name, found, kind = key.partition(MOMENTS)
        if found:
            moments[name][kind] = pieces_like(value, parameters[name])
    for name, value in parameters.items():
        value.copy_(pieces_like(state[name], value))
        optimizer.remember(value, moments[name], step)


def write_checkpoint(state: Mapping[str, Tensor], key: str, path: Path) -> None:
    """Write a state; the file appears whole or not at all. `key` says what it belongs to."""
    with written_atomically(path) as partial, writing(path):
        partial.write_bytes(save({name: value.contiguous() for name, value in state.items()}, {"key": key}))


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], str]:
    """The state and its key."""
    with safe_open(path, "pt") as file:
        key = file.metadata()["key"]
    return load_file(path), key
