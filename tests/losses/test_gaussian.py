"""The distance of Gaussians: closed forms, scipy's matrix root, gradients where covariances are singular."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm
from torch import Tensor
from torch.autograd import gradcheck

from impasto.losses.gaussian import Gaussian, factor, gaussian, gaussian_distance


def cloud(points_NC: np.ndarray) -> Tensor:
    """As features [1, C, 1, N]."""
    return torch.from_numpy(points_NC.T.copy())[None, :, None]


def distance(features: Tensor, style: Tensor) -> Tensor:
    target = gaussian(style)
    return gaussian_distance(gaussian(features), target, factor(target.covariance))


def points(seed: int, count: int = 50, channels: int = 6, rank: int | None = None) -> Tensor:
    rng = np.random.default_rng(seed)
    flat = rng.normal(size=(count, rank or channels)) @ rng.normal(size=(rank or channels, channels))
    return cloud(flat + rng.normal(size=channels))


def test_mean_and_covariance_are_numpy_s():
    features = points(0)
    flat = features[0, :, 0].numpy()
    measured = gaussian(features)
    np.testing.assert_allclose(measured.mean[0], flat.mean(1))
    np.testing.assert_allclose(measured.covariance[0], np.cov(flat, bias=True))


def test_independent_channels_have_a_closed_form():
    """Covariances that commute: the sum of the squared differences of means and of standard deviations."""
    means, deviations = np.random.default_rng(0).uniform(0.5, 2, (2, 2, 5))
    turn = np.linalg.qr(np.random.default_rng(1).normal(size=(5, 5)))[0]
    one, other = (
        Gaussian(torch.from_numpy(m)[None], torch.from_numpy(turn * s**2 @ turn.T)[None])
        for m, s in zip(means, deviations, strict=True)
    )
    expected = np.square(means[0] - means[1]).sum() + np.square(deviations[0] - deviations[1]).sum()
    assert gaussian_distance(one, other, factor(other.covariance)).item() == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize(("count", "rank"), [(50, None), (50, 3), (4, None)], ids=["full", "flat", "few points"])
def test_it_is_the_formula_with_scipy_s_root(count: int, rank: int | None):
    one, other = points(0, count, rank=rank), points(1)
    a, b = gaussian(one), gaussian(other)
    first, second = a.covariance[0].numpy(), b.covariance[0].numpy()
    root = np.real(sqrtm(second))
    common = np.real(sqrtm(root @ first @ root))
    expected = (a.mean - b.mean).square().sum().item() + np.trace(first + second - 2 * common)
    assert distance(one, other).item() == pytest.approx(expected, abs=1e-5)
    assert distance(other, one).item() == pytest.approx(expected, abs=1e-5)


def test_a_shift_costs_its_square_and_a_scale_moves_every_point():
    style = points(0)
    shift = torch.arange(6.0, dtype=torch.float64)
    assert distance(style + shift.view(1, 6, 1, 1), style).item() == pytest.approx(shift.square().sum().item())
    centred = style - style.mean(3, keepdim=True)
    expected = (0.5 * centred).square().sum(1).mean().item()
    assert distance(1.5 * centred, centred).item() == pytest.approx(expected)


def test_few_positions_give_what_their_covariance_gives():
    few, target = gaussian(points(0, count=4)), gaussian(points(1))
    assert few.deviations is not None
    by_covariance = gaussian_distance(few._replace(deviations=None), target, factor(target.covariance))
    torch.testing.assert_close(distance(points(0, count=4), points(1)), by_covariance)


def test_a_factor_gives_its_covariance_back():
    covariance = gaussian(points(0, rank=2)).covariance
    root = factor(covariance)
    torch.testing.assert_close(root @ root.transpose(1, 2), covariance)


@pytest.mark.parametrize(
    ("features", "style"),
    [
        (points(0), points(1)),
        (points(0, count=4), points(1)),
        (points(0), points(1, rank=2)),
        (cloud(np.concatenate([np.eye(4), -np.eye(4)])), cloud(2 * np.concatenate([np.eye(4), -np.eye(4)]))),
    ],
    ids=["full", "few points", "flat style", "repeated eigenvalues"],
)
def test_gradients(features: Tensor, style: Tensor):
    assert gradcheck(lambda x: distance(x, style), features.clone().requires_grad_())


@pytest.mark.parametrize("rank", [1, 3])
def test_at_the_style_itself_the_gradient_vanishes(rank: int):
    """Also where eigenvalues are zero but for rounding, whose roots have slopes without end."""
    style = points(0, 80, channels=16, rank=rank).float()
    features = style.clone().requires_grad_()
    distance(features, style).sum().backward()
    assert features.grad is not None
    assert features.grad.abs().max() < 1e-4
