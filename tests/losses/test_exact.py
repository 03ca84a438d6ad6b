"""The exact distance, against scipy and against all plans."""

import itertools

import numpy as np
import pytest
from scipy.stats import wasserstein_distance, wasserstein_distance_nd

from impasto.losses.exact import exact_wasserstein


def cloud(count: int, channels: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(count, channels)) + seed


@pytest.mark.parametrize(("n", "m"), [(30, 30), (20, 33), (1, 12)])
def test_on_the_line_it_is_scipy_s(n: int, m: int):
    one, other = cloud(n, 1, 0), cloud(m, 1, 1)
    assert exact_wasserstein(one, other) == pytest.approx(wasserstein_distance(one[:, 0], other[:, 0]), abs=1e-5)


@pytest.mark.parametrize(("n", "m"), [(12, 12), (12, 17)])
def test_in_space_it_is_scipy_s(n: int, m: int):
    one, other = cloud(n, 4, 0), cloud(m, 4, 1)
    assert exact_wasserstein(one, other) == pytest.approx(wasserstein_distance_nd(one, other), abs=1e-5)


def test_it_is_the_best_of_all_plans():
    one, other = cloud(6, 3, 0), cloud(6, 3, 1)
    plans = (other[list(order)] for order in itertools.permutations(range(6)))
    assert exact_wasserstein(one, other) == pytest.approx(min(np.linalg.norm(one - p, axis=1).mean() for p in plans))


def test_equal_sets_are_at_no_distance_and_counting_points_twice_changes_nothing():
    one, other = cloud(9, 3, 0), cloud(7, 3, 1)
    assert exact_wasserstein(one, one[::-1]) == 0
    assert exact_wasserstein(one, np.repeat(one, 2, 0)) == pytest.approx(0, abs=1e-9)
    assert exact_wasserstein(np.repeat(one, 7, 0), np.repeat(other, 9, 0)) == pytest.approx(
        exact_wasserstein(one, other), abs=1e-7
    )


def test_float32_features_serve_as_well():
    one, other = cloud(10, 4, 0), cloud(10, 4, 1)
    assert exact_wasserstein(one.astype(np.float32), other) == pytest.approx(exact_wasserstein(one, other), abs=1e-5)
