"""Adam for transformers, in the form that checkpoints take."""

from collections.abc import Iterable

import torch
from torch import Tensor


class AdamW:
    """Adam; matrices decay towards 0, vectors do not (Loshchilov 2019).

    Args:
        parameters: leaves that want gradients.
        decay: per step, times the rate.
    """

    def __init__(self, parameters: Iterable[Tensor], decay: float) -> None:
        parameters = list(parameters)
        kinds = [[p for p in parameters if (p.dim() > 1) == matrix] for matrix in (True, False)]
        groups = [{"params": kinds[0], "weight_decay": decay}, {"params": kinds[1], "weight_decay": 0.0}]
        self._adam = torch.optim.AdamW(groups, betas=(0.9, 0.98))

    def zero_grad(self) -> None:
        self._adam.zero_grad()

    def step(self, rate: float) -> None:
        """Move all parameters against their gradients."""
        for group in self._adam.param_groups:
            group["lr"] = rate
        self._adam.step()

    def moments(self, parameter: Tensor) -> dict[str, Tensor]:
        """See `impasto.training.checkpoint.Optimizer`."""
        state = self._adam.state.get(parameter, {})
        return {name: value.clone() for name, value in state.items() if name != "step"}

    def remember(self, parameter: Tensor, moments: dict[str, Tensor], step: int) -> None:
        """See `impasto.training.checkpoint.Optimizer`."""
        self._adam.state[parameter] = {name: value.clone() for name, value in moments.items()}
        if moments:
            self._adam.state[parameter]["step"] = torch.tensor(float(step))
