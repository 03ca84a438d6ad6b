"""What a training needs to go on where it was stopped: parameters and Adam's moments in one safetensors file."""

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save
from torch import Tensor

from impasto.video.files import writing, written_atomically

FIRST, SECOND = "/m", "/v"


def snapshot(trained: Mapping[str, Tensor], optimizer: torch.optim.Adam) -> dict[str, Tensor]:
    """Copies of the parameters by name, and of their moments by `NAME/m` and `NAME/v` once there are any."""
    state = {name: value.detach().clone() for name, value in trained.items()}
    for name, value in trained.items():
        if moments := optimizer.state.get(value):
            state |= {name + FIRST: moments["exp_avg"].clone(), name + SECOND: moments["exp_avg_sq"].clone()}
    return state


@torch.no_grad()
def restore(state: Mapping[str, Tensor], trained: Mapping[str, Tensor], optimizer: torch.optim.Adam, step: int) -> None:
    """Put back what `snapshot` took after `step` steps."""
    optimizer.state.clear()
    for name, value in trained.items():
        value.copy_(state[name])
        if name + FIRST in state:
            optimizer.state[value] = {
                "step": torch.tensor(float(step)),
                "exp_avg": state[name + FIRST].clone(),
                "exp_avg_sq": state[name + SECOND].clone(),
            }


def write_checkpoint(state: Mapping[str, Tensor], key: str, path: Path) -> None:
    """Write a state; the file appears whole or not at all. `key` says what it belongs to."""
    with written_atomically(path) as partial, writing(path):
        partial.write_bytes(save({name: value.contiguous() for name, value in state.items()}, {"key": key}))


def read_checkpoint(path: Path) -> tuple[dict[str, Tensor], str]:
    """The state and its key."""
    with safe_open(path, "pt") as file:
        key = file.metadata()["key"]
    return load_file(path), key
