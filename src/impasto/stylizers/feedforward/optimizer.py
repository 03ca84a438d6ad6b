"""How networks are taught: Muon for kernels and matrices, Adam for all else."""

from collections.abc import Callable, Iterable, Sequence

import torch
from torch import Tensor

from impasto.stylizers.feedforward.muon import Muon, Spread, here

KERNEL_RATE = 10.0
"""Rate of the kernels over that of all else. An update of a kernel is an orthogonal matrix, and filters have a norm of
about 1: the rate is the share of itself by which a kernel changes in a step."""
MOMENTUM = "momentum_buffer"
Matrices = Callable[[Tensor], Sequence[Tensor]]
"""Views of a parameter as the matrices that it holds, filters as rows; none: it is left to Adam."""


def kernels(parameter: Tensor) -> Sequence[Tensor]:
    """Kernels [O, I, H, W], or several of them, as matrices [O, I * H * W]."""
    if parameter.dim() <= 2:
        return ()
    return parameter.view(-1, parameter.shape[-4], parameter.shape[-3:].numel()).unbind()


def matrix(parameter: Tensor) -> Sequence[Tensor]:
    """A matrix, or a kernel of any number of dimensions, as one matrix; of vectors and single filters none."""
    rows = parameter.view(len(parameter), -1)
    return (rows,) if min(rows.shape) > 1 else ()


class Optimizer:
    """Adam, but for kernels Muon: their updates are made orthogonal.

    A kernel's gradient is dominated by few directions; brought to one size they all learn, in a third of the steps that
    Adam takes (docs/experiments.md).

    Args:
        parameters: leaves that want gradients, whole in every process.
        decay: of what Muon moves, per step, times its rate.
        matrices: which of them Muon moves, and as what.
        spread: see `Muon`.
    """

    def __init__(
        self, parameters: Iterable[Tensor], decay: float = 0.0, matrices: Matrices = kernels, spread: Spread = here
    ) -> None:
        self._as_matrices = matrices
        found = {p: matrices(p.detach()) for p in parameters}  # these share their memory with the parameters
        self._matrices = {p: views for p, views in found.items() if views}
        rest = [p for p, views in found.items() if not views]
        self._adam = torch.optim.Adam([{"params": rest}], betas=(0.9, 0.99))  # as a group it may be empty
        self._muon = Muon(decay, spread=spread)

    def zero_grad(self) -> None:
        self._adam.zero_grad()
        for kernel in self._matrices:
            kernel.grad = None

    def step(self, rate: float) -> None:
        """Move all parameters against their gradients."""
        for group in self._adam.param_groups:
            group["lr"] = rate
        gradients = {}
        for kernel, matrices in self._matrices.items():
            if kernel.grad is not None:
                gradients |= zip(matrices, self._as_matrices(kernel.grad.contiguous()), strict=True)
        self._adam.step()
        self._muon.step(gradients, rate * KERNEL_RATE)

    def moments(self, parameter: Tensor) -> dict[str, Tensor]:
        """What is remembered of a parameter's gradients, to be kept with it; nothing before the first step."""
        if parameter in self._matrices:
            momenta = [
                self._muon.momenta[matrix] for matrix in self._matrices[parameter] if matrix in self._muon.momenta
            ]
            return {MOMENTUM: torch.stack(momenta)} if momenta else {}
        state = self._adam.state.get(parameter, {})
        return {name: value.clone() for name, value in state.items() if name != "step"}

    def remember(self, parameter: Tensor, moments: dict[str, Tensor], step: int) -> None:
        """Go on with the moments of a parameter after `step` steps; none begins anew."""
        if parameter in self._matrices and moments:
            self._muon.momenta |= zip(self._matrices[parameter], moments[MOMENTUM].clone().unbind(), strict=True)
        if parameter not in self._matrices:
            self._adam.state[parameter] = {name: value.clone() for name, value in moments.items()}
            if moments:
                self._adam.state[parameter]["step"] = torch.tensor(float(step))
