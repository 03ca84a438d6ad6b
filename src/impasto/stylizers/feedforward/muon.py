"""Muon: descent with momentum whose updates of matrices are made orthogonal (Jordan 2024).

torch.optim.Muon always multiplies in bfloat16, which most CPUs only imitate, and one matrix after the other: thirty
times as slow there (docs/decisions/008-orthogonal-updates-for-kernels.md).
"""

import math
from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from impasto.weights.precision import fast_dtype

ITERATIONS = 5
COEFFICIENTS = (3.4445, -4.775, 2.0315)
"""Of x, x^3 and x^5 in Newton and Schulz's iteration: steep at 0, so that values near 1, not 1, are soon reached."""
Spread = Callable[[Callable[[Tensor], Tensor], Tensor], Tensor]
"""Applies a function to rows, wherever they are computed."""


def here(function: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
    """All rows in this process."""
    return function(rows)


def orthogonal(matrices_NRC: Tensor) -> Tensor:
    """Matrices [N, R, C] with the same singular vectors and with values near 1."""
    a, b, c = COEFFICIENTS
    tall = matrices_NRC.shape[1] > matrices_NRC.shape[2]
    x = (matrices_NRC.mT if tall else matrices_NRC).to(fast_dtype(matrices_NRC.device))
    x = x / x.norm(dim=(1, 2), keepdim=True).clamp(min=1e-7)
    for _ in range(ITERATIONS):
        gram = x @ x.mT
        x = torch.baddbmm(x, torch.baddbmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return (x.mT if tall else x).to(matrices_NRC.dtype)


class Muon:
    """See the module; it moves whichever matrices have a gradient.

    Args:
        decay: of the matrices per step, times the rate.
        momentum: how much of it stays at each step; Nesterov's.
        spread: how the matrices of one shape are shared out for computing their updates.
    """

    def __init__(self, decay: float = 0.0, momentum: float = 0.9, spread: Spread = here) -> None:
        self._decay, self._keep, self._spread = decay, momentum, spread
        self.momenta: dict[Tensor, Tensor] = {}

    @torch.no_grad()
    def step(self, gradients: Mapping[Tensor, Tensor], rate: float) -> None:
        """Move matrices [R, C] against their gradients."""
        of_shape: dict[torch.Size, list[Tensor]] = {}
        for matrix in gradients:
            of_shape.setdefault(matrix.shape, []).append(matrix)
        for shape, matrices in of_shape.items():
            steps = torch.stack([self._remember(matrix, gradients[matrix]) for matrix in matrices])
            scale = rate * math.sqrt(max(1, shape[0] / shape[1]))
            for matrix, update in zip(matrices, self._spread(orthogonal, steps), strict=True):
                matrix.mul_(1 - rate * self._decay).sub_(update, alpha=scale)

    def _remember(self, matrix: Tensor, gradient: Tensor) -> Tensor:
        """Take a gradient into the momentum; gives the direction to move against."""
        momentum = self.momenta.setdefault(matrix, torch.zeros_like(gradient))
        momentum.lerp_(gradient, 1 - self._keep)
        return gradient.lerp(momentum, self._keep)
