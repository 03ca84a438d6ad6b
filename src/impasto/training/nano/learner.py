"""A network that learns: beside what every training keeps, the running average of its weights."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Literal

import torch
from torch import Tensor, nn

from impasto.stylizers.feedforward.optimizer import Optimizer as MuonAndAdam
from impasto.stylizers.feedforward.optimizer import matrix
from impasto.training.adamw import AdamW
from impasto.training.checkpoint import Optimizer
from impasto.training.group import Group, pieces_like, whole
from impasto.training.loop import Trained
from impasto.weights.precision import autocast

AVERAGE = "/average"
OptimizerName = Literal["adamw", "muon"]
"""Muon takes whole matrices: a network that it moves is not cut into pieces."""


class Learner(Trained):
    """All weights of a network, trained from where they are; one that is cut into pieces has been so before.

    Args:
        decay: see `AdamW`.
        ema: how much of the average stays at each step, once there are many (Polyak averaging).
        optimizer: what moves the weights.
    """

    def __init__(
        self,
        net: nn.Module,
        device: torch.device,
        decay: float,
        ema: float,
        group: Group | None = None,
        optimizer: OptimizerName = "adamw",
    ) -> None:
        group = group or Group()
        optimizers: dict[OptimizerName, Callable[[Iterable[Tensor], float], Optimizer]] = {
            "adamw": AdamW,
            "muon": partial(MuonAndAdam, matrices=matrix, spread=group.spread),
        }
        net.to(device).train().requires_grad_()
        parameters = dict(net.named_parameters())
        super().__init__(parameters, optimizers[optimizer](parameters.values(), decay), group)
        self.device, self._ema = device, ema
        self.average = {name: value.detach().clone() for name, value in self.parameters.items()}

    def autocast(self) -> torch.autocast:
        """For forward passes, on a CPU too: where that has matrix units the VAE learns five times as fast."""
        return autocast(self.device)

    def generator(self) -> torch.Generator:
        """Chance hangs on the number of the step alone, and is the same on every device."""
        return torch.Generator().manual_seed(self.step)

    def descend(self, loss: Tensor, rate: float) -> None:
        super().descend(loss, rate)
        keep = min(self._ema, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self.parameters.items():
                self.average[name].lerp_(value, 1 - keep)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The network with its averaged weights, which are the result so far; without gradients."""
        current = {name: value.detach().clone() for name, value in self.parameters.items()}
        with torch.no_grad():
            self._put(self.average)
            try:
                yield
            finally:
                self._put(current)

    def state(self) -> dict[str, Tensor]:
        return super().state() | {name + AVERAGE: whole(value).clone() for name, value in self.average.items()}

    def resume(self, state: Mapping[str, Tensor]) -> None:
        super().resume(state)
        for name, value in self.average.items():
            value.copy_(pieces_like(state[name + AVERAGE], value))

    def _put(self, weights: Mapping[str, Tensor]) -> None:
        for name, value in self.parameters.items():
            value.copy_(weights[name])
