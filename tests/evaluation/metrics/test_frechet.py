"""The Frechet distance of features that come in batches: numpy's moments, scipy's matrix root, closed forms."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch import Tensor

from impasto.errors import InputError
from impasto.evaluation.metrics.frechet import FeatureMoments, frechet_distance


def cloud(seed: int, count: int = 60, dimensions: int = 8, rank: int = 8) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(count, rank)) @ rng.normal(size=(rank, dimensions)) + rng.normal(size=dimensions)


def moments(features: np.ndarray | Tensor, batch: int = 7) -> FeatureMoments:
    taken = FeatureMoments()
    for part in torch.as_tensor(features).split(batch):
        taken.add(part)
    return taken


def direct(first: np.ndarray, second: np.ndarray) -> float:
    one, other = np.cov(first.T), np.cov(second.T)
    means = np.square(first.mean(0) - second.mean(0)).sum()
    return float(means + np.trace(one + other - 2 * np.real(sqrtm(one @ other))))


@pytest.mark.parametrize("batch", [1, 7, 60])
def test_moments_are_numpy_s_whatever_the_batches(batch: int):
    features = cloud(0)
    taken = moments(features, batch).gaussian()
    np.testing.assert_allclose(taken.mean[0], features.mean(0))
    np.testing.assert_allclose(taken.covariance[0], np.cov(features.T))
    assert moments(features, batch).count == 60


def test_large_means_do_not_cost_digits():
    features = cloud(0)
    taken = moments(features + 1e6, 3).gaussian()
    np.testing.assert_allclose(taken.covariance[0], np.cov(features.T), rtol=1e-6)


def test_memory_does_not_grow_with_the_pictures():
    taken = FeatureMoments()
    sizes = set()
    for seed in range(5):
        taken.add(torch.from_numpy(cloud(seed)))
        sizes.add(sum(value.numel() for value in vars(taken).values() if isinstance(value, Tensor)))
    assert sizes == {8 + 64}


def test_agrees_with_scipy():
    first, second = cloud(0), cloud(1)
    assert frechet_distance(moments(first), moments(second)) == pytest.approx(direct(first, second), rel=1e-9)


@pytest.mark.parametrize(("count", "rank"), [(60, 3), (5, 8), (2, 8)], ids=["flat", "few", "two"])
def test_singular_covariances(count: int, rank: int):
    """scipy's root of a singular product has an imaginary part of about 1e-7, and loses as much."""
    first, second = cloud(0, count, rank=rank), cloud(1)
    assert frechet_distance(moments(first), moments(second)) == pytest.approx(direct(first, second), rel=1e-4)
    assert frechet_distance(moments(second), moments(first)) == pytest.approx(direct(first, second), rel=1e-4)
    assert frechet_distance(moments(first), moments(first)) == pytest.approx(0, abs=1e-6)


def test_a_shift_costs_its_square_and_a_scale_its_share():
    features = cloud(0)
    assert frechet_distance(moments(features), moments(features + 3)) == pytest.approx(8 * 9)
    centred = features - features.mean(0)
    spread = np.trace(np.cov(centred.T))
    assert frechet_distance(moments(centred), moments(3 * centred)) == pytest.approx(4 * spread)


def test_the_more_noise_the_further():
    features, noise = cloud(0), np.random.default_rng(1).normal(size=(60, 8))
    distances = [frechet_distance(moments(features), moments(features + amount * noise)) for amount in (0, 0.5, 1, 2)]
    assert distances == sorted(distances)
    assert distances[0] == pytest.approx(0, abs=1e-9)


def test_the_order_of_pictures_does_not_matter():
    features = cloud(0)
    shuffled = np.random.default_rng(0).permutation(features)
    assert frechet_distance(moments(shuffled), moments(features)) == pytest.approx(0, abs=1e-9)


def test_refuses_bad_features():
    taken = moments(cloud(0))
    bad = torch.ones(4, 8)
    bad[2, 3] = np.nan
    with pytest.raises(InputError, match="picture 2 are NaN"):
        taken.add(bad)
    with pytest.raises(InputError, match="have 5 numbers, those before 8"):
        taken.add(torch.ones(2, 5))
    with pytest.raises(InputError, match=r"shape \(8,\)"):
        taken.add(torch.ones(8))
    assert taken.count == 60
    with pytest.raises(InputError, match="of 8 and of 5 numbers"):
        frechet_distance(taken, moments(cloud(0, dimensions=5)))
    with pytest.raises(InputError, match="of 1 pictures does not exist"):
        frechet_distance(taken, moments(cloud(0, count=1)))
    with pytest.raises(InputError, match="of 0 pictures does not exist"):
        frechet_distance(FeatureMoments(), taken)
