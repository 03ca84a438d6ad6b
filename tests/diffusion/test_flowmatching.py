"""Paths from data to noise, and the levels to train at."""

import math

import pytest
import torch

from impasto.diffusion.flowmatching import clean, noised, sample_sigmas, shifted, target, velocity_to

SIGMA = torch.tensor([0.0, 0.25, 1.0])


def pair() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    x0, noise = torch.randn(2, 3, 4, 2, 5, 5, generator=generator)
    return x0, noise


def test_paths_run_from_data_to_noise():
    x0, noise = pair()
    x = noised(x0, noise, SIGMA)
    assert torch.equal(x[0], x0[0])
    torch.testing.assert_close(x[1], 0.75 * x0[1] + 0.25 * noise[1])
    assert torch.equal(x[2], noise[2])


def test_the_target_is_the_derivative_of_the_path():
    x0, noise = (part.double() for part in pair())
    sigma = SIGMA.clone().double().requires_grad_()
    for part in range(3):
        (slope,) = torch.autograd.grad(noised(x0, noise, sigma)[part, 0, 0, 0, 0], sigma)
        assert slope[part].item() == pytest.approx(target(x0, noise)[part, 0, 0, 0, 0].item())


def test_a_velocity_and_the_data_it_points_to_are_the_same():
    x0, noise = pair()
    sigma = torch.tensor([0.1, 0.5, 1.0])
    x = noised(x0, noise, sigma)
    torch.testing.assert_close(clean(x, target(x0, noise), sigma), x0)
    torch.testing.assert_close(velocity_to(x0, x, sigma), target(x0, noise), rtol=1e-4, atol=1e-5)


def test_half_precision_is_mixed_in_full():
    x0, noise = (part.bfloat16() for part in pair())
    assert noised(x0, noise, SIGMA).dtype == torch.float32


def test_a_shift_keeps_the_ends_and_the_order():
    sigma = torch.linspace(0, 1, 11)
    assert torch.equal(shifted(sigma, 1.0), sigma)
    moved = shifted(sigma, 5.0)
    torch.testing.assert_close(moved[[0, 5, 10]], torch.tensor([0.0, 5 / 6, 1.0]))
    assert (moved.diff() > 0).all()
    torch.testing.assert_close(shifted(moved, 1 / 5.0), sigma)


def test_training_levels_follow_their_density_and_seed():
    def drawn(*rest):
        return sample_sigmas(20_000, 3.0, torch.Generator().manual_seed(1), *rest)

    assert torch.equal(drawn(), drawn())
    unshifted = shifted(drawn(), 1 / 3.0)
    torch.testing.assert_close(
        unshifted.quantile(torch.tensor([0.25, 0.5, 0.75])), torch.tensor([0.25, 0.5, 0.75]), atol=0.02, rtol=0
    )
    logits = shifted(drawn("logit-normal"), 1 / 3.0).logit()
    assert abs(logits.mean()) < 0.03
    assert logits.std().item() == pytest.approx(1, abs=0.03)
    assert math.isfinite(logits.max())
