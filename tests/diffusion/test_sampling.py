"""Solvers against fields whose end is known, and levels against the library's own."""

import pytest
import torch
from diffusers import UniPCMultistepScheduler

from impasto.diffusion.flowmatching import noised, target
from impasto.diffusion.sampling import _scheduler, denoise, schedule
from impasto.errors import ModelError

SOLVERS = ["unipc", "euler"]


def last(*args):
    *_, step = denoise(*args)
    return step


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize(("steps", "shift", "skipped"), [(1, 1.0, 0), (7, 3.0, 0), (20, 5.0, 6)])
def test_solvers_use_our_levels(solver, steps, shift, skipped):
    sigmas = schedule(steps, shift, skipped)
    scheduler = _scheduler(solver)
    scheduler.set_timesteps(sigmas=sigmas[:-1].double().numpy())
    assert len(scheduler.sigmas) == steps - skipped + 1
    torch.testing.assert_close(scheduler.sigmas, sigmas, atol=2e-6, rtol=0)


def test_our_levels_are_those_of_wans_pipeline():
    library = UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0)
    library.set_timesteps(50)
    torch.testing.assert_close(schedule(50, 3.0), library.sigmas, atol=2e-6, rtol=0)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("steps", [1, 4, 30])
def test_straight_paths_end_at_their_data(solver, steps):
    generator = torch.Generator().manual_seed(0)
    x0, noise = torch.randn(2, 2, 4, 3, 5, 5, generator=generator)
    sigmas = schedule(steps, 5.0)
    step = last(lambda *_: target(x0, noise), noise, sigmas, solver)
    assert (step.number, step.count) == (steps, steps)
    torch.testing.assert_close(step.latents, x0, atol=2e-4, rtol=1e-3)
    torch.testing.assert_close(step.estimate, x0, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_start_from_a_source_ends_at_it_too(solver):
    x0, noise = torch.randn(2, 1, 4, 3, 5, 5, generator=torch.Generator().manual_seed(0))
    sigmas = schedule(10, 3.0, skipped=7)
    begun = noised(x0, noise, sigmas[:1])
    steps = list(denoise(lambda *_: target(x0, noise), begun, sigmas, solver))
    assert len(steps) == 3
    torch.testing.assert_close(steps[-1].latents, x0, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize(("solver", "steps"), [("unipc", 80), ("euler", 150)])
def test_the_velocity_of_a_gaussian_gives_its_moments(solver, steps):
    mean, deviation = 1.5, 0.4

    def velocity(x, sigma):
        """E[noise - x0 | x] for x0 of N(mean, deviation^2), in closed form."""
        variance = (1 - sigma) ** 2 * deviation**2 + sigma**2
        slope = (sigma - (1 - sigma) * deviation**2) / variance
        return -mean + slope * (x - (1 - sigma) * mean)

    noise = torch.randn(1, 4, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    noise = (noise - noise.mean()) / noise.std()  # exactly what it is drawn from, since the field is linear
    result = last(velocity, noise, schedule(steps, 3.0), solver).latents
    assert result.mean().item() == pytest.approx(mean, abs=0.01)
    assert result.std().item() == pytest.approx(deviation, abs=0.01)


def test_levels_reach_the_network_as_they_are():
    seen = []
    sigmas = schedule(5, 3.0)

    def velocity(x, sigma):
        seen.append(sigma)
        return torch.zeros_like(x)

    last(velocity, torch.zeros(1, 1, 1, 2, 2), sigmas)
    assert torch.equal(torch.cat(seen), sigmas[:-1])


def test_half_precision_is_summed_in_full():
    step = last(lambda x, _: x.bfloat16(), torch.ones(1, 1, 1, 2, 2, dtype=torch.bfloat16), schedule(3, 1.0))
    assert step.latents.dtype == torch.float32


def test_numbers_that_are_not_finite_stop_it_and_say_where():
    calls = []

    def velocity(x, sigma):
        calls.append(sigma)
        return torch.full_like(x, float("nan") if len(calls) == 3 else 0.0)

    steps = denoise(velocity, torch.zeros(1, 1, 1, 2, 2), schedule(8, 1.0))
    with pytest.raises(ModelError, match="Step 3 of 8"):
        list(steps)
