"""From noise to latents: solvers of the library on our noise levels."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import torch
from diffusers.schedulers.scheduling_flow_match_euler_discrete import FlowMatchEulerDiscreteScheduler
from diffusers.schedulers.scheduling_unipc_multistep import UniPCMultistepScheduler
from torch import Tensor

from impasto.diffusion.flowmatching import clean, shifted
from impasto.errors import ModelError

Solver = Literal["unipc", "euler"]
LAST_SIGMA = 0.001
"""Where the levels would end before the shift, were 0 not put after them: that of Wan's own schedule."""


@dataclass(frozen=True)
class Step:
    number: int
    """From 1."""
    count: int
    latents: Tensor
    """After the step, float32; the result when `number` is `count`."""
    estimate: Tensor
    """The clean latents that the step's velocity points to, for a preview."""


def schedule(steps: int, shift: float, skipped: int = 0) -> Tensor:
    """Noise levels [steps - skipped + 1] from the first that is computed to 0, float32.

    Args:
        skipped: first steps that are left out because one begins with `noised(source, noise, schedule[0])`
            (SDEdit, Meng 2022), not with noise.
    """
    even = torch.linspace(1, LAST_SIGMA, steps + 1, dtype=torch.float64)[:-1]
    return torch.cat([shifted(even, shift)[skipped:], even.new_zeros(1)]).float()


def denoise(
    velocity: Callable[[Tensor, Tensor], Tensor], latents: Tensor, sigmas: Tensor, solver: Solver = "unipc"
) -> Iterator[Step]:
    """Follow velocities from latents at the first noise level to clean ones, step by step.

    Args:
        velocity: from latents and their level, [1] in 0..1, to the velocity.
        sigmas: of `schedule`.
        solver: `unipc`, of second order (Zhao 2023), is Wan's own.

    Raises:
        ModelError: a velocity is not finite (says at which step).
    """
    scheduler = _scheduler(solver)
    scheduler.set_timesteps(sigmas=sigmas[:-1].double().numpy(), device=latents.device)
    scheduler.set_begin_index(0)
    latents, count = latents.float(), len(sigmas) - 1
    for number, timestep in enumerate(scheduler.timesteps, 1):
        sigma_1 = sigmas[number - 1 : number].to(latents.device)
        slope = velocity(latents, sigma_1).float()
        if not torch.isfinite(slope).all():
            raise ModelError(
                f"Step {number} of {count} gave numbers that are not finite; use float32, or a smaller guidance scale."
            )
        estimate = clean(latents, slope, sigma_1)
        latents = scheduler.step(slope, timestep, latents, return_dict=False)[0]
        yield Step(number, count, latents, estimate)


def _scheduler(solver: Solver) -> Any:
    """With the levels as they are given: they have been shifted."""
    if solver == "euler":
        return FlowMatchEulerDiscreteScheduler(shift=1.0)
    return UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=1.0)
