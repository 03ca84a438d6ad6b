"""Flow matching on straight paths from data to noise, as Wan trains and samples (Lipman 2023; Liu 2023).

`x_sigma = (1 - sigma) x0 + sigma noise` with sigma from 0 (data) to 1 (noise); the network gives the velocity
`d x_sigma / d sigma = noise - x0`.

Legend: B clips; latents are of any shape after B.
"""

from typing import Literal

import torch
from torch import Tensor

TIMESTEPS = 1000.0
"""What the transformer sees is sigma times this."""

Density = Literal["uniform", "logit-normal"]
"""Of the training sigmas before the shift: uniform, or the sigmoid of a normal number (Esser 2024; EchoStyle)."""


def noised(x0: Tensor, noise: Tensor, sigma_B: Tensor) -> Tensor:
    """Data at the noise level of each clip, `sigma_B` in 0..1."""
    sigma = _beside(sigma_B, x0)
    return (1 - sigma) * x0 + sigma * noise


def target(x0: Tensor, noise: Tensor) -> Tensor:
    """The velocity that the network is to give, at every sigma."""
    return noise - x0


def clean(x_sigma: Tensor, velocity: Tensor, sigma_B: Tensor) -> Tensor:
    """The data that a velocity points to from `x_sigma`."""
    return x_sigma - _beside(sigma_B, x_sigma) * velocity


def velocity_to(x0: Tensor, x_sigma: Tensor, sigma_B: Tensor) -> Tensor:
    """The velocity that points from `x_sigma` to the data `x0`: the inverse of `clean`, for sigma above 0."""
    return (x_sigma - x0) / _beside(sigma_B, x_sigma)


def shifted(sigma: Tensor, shift: float) -> Tensor:
    """Noise levels moved towards noise for `shift` above 1, as more pixels need it (Esser 2024, equation 23)."""
    return shift * sigma / (1 + (shift - 1) * sigma)


def sample_sigmas(count: int, shift: float, generator: torch.Generator | None, density: Density = "uniform") -> Tensor:
    """Noise levels [count] to train at, float32, where the generator is."""
    device = generator.device if generator else None
    if density == "uniform":
        drawn = torch.rand(count, generator=generator, device=device)
    else:
        drawn = torch.randn(count, generator=generator, device=device).sigmoid()
    return shifted(drawn, shift)


def _beside(sigma_B: Tensor, x: Tensor) -> Tensor:
    return sigma_B.to(x.device, torch.promote_types(x.dtype, torch.float32)).view(-1, *[1] * (x.dim() - 1))
