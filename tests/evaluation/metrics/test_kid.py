"""The kernel distance against double loops, and what its subsets do."""

from itertools import permutations, product

import numpy as np
import pytest
import torch
from torch import Tensor

from impasto.errors import InputError
from impasto.evaluation.metrics.kid import KernelDistance, kid, mmd


def cloud(seed: int, count: int, shift: float = 0) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(count, 5)) + shift)


def direct(first: Tensor, second: Tensor) -> float:
    def kernel(x, y) -> float:
        return (sum(a * b for a, b in zip(x, y, strict=True)) / len(x) + 1) ** 3

    xs, ys = first.tolist(), second.tolist()
    of_first, of_second = (np.mean([kernel(*pair) for pair in permutations(points, 2)]) for points in (xs, ys))
    return float(of_first + of_second - 2 * np.mean([kernel(*pair) for pair in product(xs, ys)]))


@pytest.mark.parametrize("counts", [(6, 6), (9, 4), (2, 2)])
def test_is_the_unbiased_estimate(counts: tuple[int, int]):
    first, second = cloud(0, counts[0]), cloud(1, counts[1], 0.5)
    assert mmd(first, second) == pytest.approx(direct(first, second))


def test_has_no_bias_where_fid_has():
    """Two halves of one distribution: zero in the mean, however few there are."""
    found = [mmd(cloud(2 * seed, 10), cloud(2 * seed + 1, 10)) for seed in range(300)]
    assert abs(np.mean(found)) < 3 * np.std(found) / 300**0.5
    assert min(found) < 0 < max(found)


def test_small_sets_are_taken_whole():
    first, second = cloud(0, 20), cloud(1, 20, 1)
    assert kid(first, second) == KernelDistance(pytest.approx(direct(first, second)), 0)


def test_subsets_scatter_about_the_whole():
    first, second = cloud(0, 80), cloud(1, 60, 1)
    found = kid(first, second, subsets=50, size=30)
    assert found.deviation > 0
    assert found.mean == pytest.approx(mmd(first, second), abs=4 * found.deviation / 50**0.5)


def test_the_seed_decides():
    first, second = cloud(0, 40), cloud(1, 40)
    assert kid(first, second, 4, 10) == kid(first, second, 4, 10)
    assert kid(first, second, 4, 10) != kid(first, second, 4, 10, seed=1)


def test_grows_with_the_shift():
    found = [kid(cloud(0, 50), cloud(1, 50, shift)).mean for shift in (0, 0.5, 1, 2)]
    assert found == sorted(found)


def test_refuses_bad_features():
    good, bad = cloud(0, 4), cloud(0, 4)
    bad[1, 0] = np.inf
    with pytest.raises(InputError, match="picture 1 are NaN or infinite"):
        kid(good, bad)
    with pytest.raises(InputError, match="of 5 and of 3 numbers"):
        kid(good, good[:, :3])
    with pytest.raises(InputError, match="have 4 and 1 pictures; give at least 2"):
        kid(good, good[:1])
