"""Minimising an energy over the pixels of a picture.

Legend: H height, W width.
"""

import math
import warnings
from collections.abc import Callable

import torch
from torch import Tensor

from impasto.stylizers.optimization.config import Method

Energy = Callable[[Tensor, int], Tensor]
"""Value of a picture [1, 3, H, W] at a step, a scalar."""
RATES: dict[Method, float] = {"adam": 0.03, "l-bfgs": 1.0}
"""Adam's is the length of its first steps, in units of [0, 1]."""
DIVERGED = 10.0
"""Times the energy of the start, or of a source that is not painted yet (1): no way down."""
SMALLER = 0.25
"""What a divergence leaves of the rate."""
HISTORY = 20
"""Steps that L-BFGS remembers."""


def descend(start_13HW: Tensor, energy: Energy, method: Method, iterations: int) -> Tensor:
    """The picture of the least energy met on the way, [1, 3, H, W] in [0, 1].

    Where the energy is not finite or far above that of the start, it goes on from the best picture so far with smaller
    steps, and warns.
    """
    rate, divergences = RATES[method], 0
    best, least, limit = start_13HW.detach().clamp(0, 1), math.inf, math.inf
    picture, optimizer = _begin(best, method, rate)
    for step in range(iterations):
        if method == "adam":
            # A fall to a tenth, so that the last steps settle.
            optimizer.param_groups[0]["lr"] = rate * (1 - 0.9 * step / iterations)
        before = picture.detach().clone()
        value = _step(optimizer, picture, lambda now, step=step: energy(now, step))
        if not math.isfinite(value) or value > limit:
            divergences += 1
            rate *= SMALLER
            picture, optimizer = _begin(best, method, rate)
        elif value < least:
            best, least = before, value
        if math.isinf(limit):
            limit = DIVERGED * max(1.0, least)
    if divergences:
        warnings.warn(
            f"Painting diverged at {divergences} of {iterations} steps; it went on with smaller ones.",
            RuntimeWarning,
            stacklevel=2,
        )
    return best


def _begin(best_13HW: Tensor, method: Method, rate: float) -> tuple[Tensor, torch.optim.Optimizer]:
    picture = best_13HW.clone().requires_grad_()
    if method == "adam":
        return picture, torch.optim.Adam([picture], lr=rate, betas=(0.9, 0.99))
    return picture, torch.optim.LBFGS([picture], lr=rate, max_iter=1, history_size=HISTORY)


def _step(optimizer: torch.optim.Optimizer, picture: Tensor, energy: Callable[[Tensor], Tensor]) -> float:
    """One step; gives the energy before it."""

    def closure() -> float:
        optimizer.zero_grad()
        value = energy(picture)
        value.backward()
        return value.item()

    value = optimizer.step(closure)
    with torch.no_grad():
        picture.clamp_(0, 1)
    return float(value)
