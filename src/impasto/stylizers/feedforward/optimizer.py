"""How the networks of this family are taught: Muon for the kernels, Adam for all else."""

from collections.abc import Iterable

import torch
from torch import Tensor

KERNEL_RATE = 10.0
"""Rate of the kernels over that of all else. An update of a kernel is an orthogonal matrix, and filters have a norm of
about 1: the rate is the share of itself by which a kernel changes in a step."""


class Optimizer:
    """Adam, but for convolution kernels Muon: their updates are made orthogonal (Jordan 2024, torch.optim.Muon).

    A kernel's gradient is dominated by few directions; brought to one size they all learn, in a third of the steps that
    Adam takes (docs/experiments.md).

    Args:
        parameters: leaves that want gradients; of those with more than two dimensions the last three are a filter.
    """

    def __init__(self, parameters: Iterable[Tensor]) -> None:
        parameters = list(parameters)
        self._kernels = [p for p in parameters if p.dim() > 2]
        # Muon wants matrices: these share their memory with the kernels.
        self._matrices = {p: p.detach().view(-1, p.shape[-3:].numel()) for p in self._kernels}
        self._adam = torch.optim.Adam([p for p in parameters if p.dim() <= 2], betas=(0.9, 0.99))
        self._muon = torch.optim.Muon(self._matrices.values(), weight_decay=0.0, momentum=0.9)

    def zero_grad(self) -> None:
        self._adam.zero_grad()
        for kernel in self._kernels:
            kernel.grad = None

    def step(self, rate: float) -> None:
        """Move all parameters against their gradients."""
        for optimizer, scale in ((self._adam, 1.0), (self._muon, KERNEL_RATE)):
            for group in optimizer.param_groups:
                group["lr"] = rate * scale
        for kernel, matrix in self._matrices.items():
            matrix.grad = None if kernel.grad is None else kernel.grad.reshape(matrix.shape)
        self._adam.step()
        self._muon.step()

    def moments(self, parameter: Tensor) -> dict[str, Tensor]:
        """What is remembered of a parameter's gradients, to be kept with it; nothing before the first step."""
        optimizer, key = self._home(parameter)
        return {name: value.clone() for name, value in optimizer.state.get(key, {}).items() if name != "step"}

    def remember(self, parameter: Tensor, moments: dict[str, Tensor], step: int) -> None:
        """Go on with the moments of a parameter after `step` steps; none begins anew."""
        optimizer, key = self._home(parameter)
        optimizer.state.pop(key, None)
        if moments:
            optimizer.state[key] = {name: value.clone() for name, value in moments.items()}
            if optimizer is self._adam:
                optimizer.state[key]["step"] = torch.tensor(float(step))

    def _home(self, parameter: Tensor) -> tuple[torch.optim.Optimizer, Tensor]:
        if parameter in self._matrices:
            return self._muon, self._matrices[parameter]
        return self._adam, parameter
