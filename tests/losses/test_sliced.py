"""Transport on the line, against scipy and against plans found by brute force."""

import itertools

import numpy as np
import pytest
import torch
from scipy.stats import wasserstein_distance
from torch.autograd import gradcheck

from impasto.losses.sliced import random_directions, sliced_distance, sorted_projections, wasserstein_1d


def numbers(count: int, seed: int, rows: int = 3) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(rows, count, generator=generator, dtype=torch.float64).sort(-1).values


SIZES = [(8, 8), (5, 7), (12, 4), (6, 9), (1, 5), (300, 251)]


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_first_power_is_scipy_s(n: int, m: int):
    one, other = numbers(n, 0), numbers(m, 1)
    expected = [wasserstein_distance(a, b) for a, b in zip(one, other, strict=True)]
    assert wasserstein_1d(one, other, power=1).tolist() == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("n", "m"), SIZES)
def test_unequal_sizes_are_those_of_points_counted_several_times(n: int, m: int):
    one, other = numbers(n, 0), numbers(m, 1)
    repeated = wasserstein_1d(one.repeat_interleave(m, -1), other.repeat_interleave(n, -1))
    torch.testing.assert_close(wasserstein_1d(one, other), repeated)


def test_second_power_is_the_best_of_all_plans():
    one, other = numbers(6, 0, rows=1)[0], numbers(6, 1, rows=1)[0]
    plans = (other[list(order)] for order in itertools.permutations(range(6)))
    best = min((one - plan).square().mean().item() for plan in plans)
    assert wasserstein_1d(one, other).item() == pytest.approx(best)


def test_directions_are_unit_vectors_that_prefer_no_axis():
    directions = random_directions(5, 20_000, torch.Generator().manual_seed(0))
    torch.testing.assert_close(directions.norm(dim=0), torch.ones(20_000))
    torch.testing.assert_close(directions @ directions.T / 20_000, torch.eye(5) / 5, atol=0.01, rtol=0)
    again = random_directions(5, 20_000, torch.Generator().manual_seed(0))
    assert torch.equal(directions, again)


def test_along_one_channel_it_is_the_distance_of_its_values():
    one, other = (torch.randn(1, 1, 4, count, generator=torch.Generator().manual_seed(count)) for count in (5, 7))
    direction = torch.ones(1, 1)
    (a,), (b,) = one.flatten(2).numpy(), other.flatten(2).numpy()
    found = sliced_distance(one, sorted_projections(other, direction), direction).item()
    quantiles = (np.arange(20 * 28) + 0.5) / (20 * 28)
    expected = np.square(
        np.quantile(a, quantiles, method="inverted_cdf") - np.quantile(b, quantiles, method="inverted_cdf")
    ).mean()
    assert found == pytest.approx(expected, abs=1e-5)


def test_a_shift_costs_its_square_along_each_direction():
    features, directions = torch.randn(2, 4, 5, 5), random_directions(4, 9, torch.Generator().manual_seed(0))
    shift = torch.tensor([1.0, -2, 0, 0.5])
    moved = sliced_distance(features + shift.view(1, 4, 1, 1), sorted_projections(features, directions), directions)
    torch.testing.assert_close(moved, (shift @ directions).square().mean().expand(2))


@pytest.mark.parametrize(("n", "m"), [(6, 6), (5, 7)])
def test_gradients(n: int, m: int):
    directions = random_directions(3, 4, torch.Generator().manual_seed(0))
    style = sorted_projections(numbers(m, 1).view(1, 3, 1, m), directions)
    features = torch.rand(1, 3, 1, n, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    assert gradcheck(lambda x: sliced_distance(x, style, directions), features.requires_grad_())
