"""Wasserstein distances of features as shares of the style's, against sums by hand, and on changed pictures."""

import numpy as np
import pytest
import torch
from scipy.linalg import sqrtm

from impasto.evaluation.metrics.metric import Look, Reference
from impasto.evaluation.metrics.wasserstein import GAUSSIAN, NANO_METRICS, PLACES, SLICED, some_places, wasserstein
from impasto.losses.sliced import style_directions
from tests.evaluation.metrics.toys import blurred, noisy, texture, tinted


def layers(seed: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.rand(1, channels, 6, 7, generator=generator) for channels in (3, 5)]


def clouds(features: list[torch.Tensor]) -> list[np.ndarray]:
    return [layer[0].flatten(1).double().numpy() for layer in features]


def test_gaussian_is_that_of_scipy_over_the_styles_mean_square():
    style, output = layers(0), layers(1)
    shares = []
    for s, o in zip(clouds(style), clouds(output), strict=True):
        first, second = np.cov(s, bias=True), np.cov(o, bias=True)
        root = sqrtm(first)
        apart = np.square(s.mean(1) - o.mean(1)).sum() + np.trace(first + second - 2 * sqrtm(root @ second @ root).real)
        shares.append(apart / np.square(s).sum(0).mean())
    measured = wasserstein(GAUSSIAN, [style])(output)
    assert measured == pytest.approx(np.mean(shares), rel=1e-4)


def test_sliced_is_the_distance_of_sorted_projections_over_the_styles_mean_square():
    style, output = layers(0), layers(1)
    shares = []
    for s, o in zip(clouds(style), clouds(output), strict=True):
        directions = style_directions(len(s)).double().numpy().T
        apart = np.square(np.sort(directions @ s) - np.sort(directions @ o)).mean()
        shares.append(apart / np.square(s).mean())
    measured = wasserstein(SLICED, [style])(output)
    assert measured == pytest.approx(np.mean(shares), rel=1e-4)


@pytest.mark.parametrize("apart", [SLICED, GAUSSIAN])
def test_is_nothing_for_the_style_itself_and_about_one_for_no_features(apart):
    style = layers(0)
    distance = wasserstein(apart, [style])
    assert distance(style) == pytest.approx(0, abs=1e-6)
    assert distance([layer.flip(3) for layer in style]) == pytest.approx(0, abs=1e-6)
    assert distance([torch.zeros_like(layer) for layer in style]) == pytest.approx(1, abs=0.35)
    assert distance([3 * layer for layer in style]) == pytest.approx(4 * distance([2 * layer for layer in style]))


def test_some_places_are_the_same_for_features_of_one_size():
    large, small = torch.arange(2.0 * 60 * 50).view(1, 2, 60, 50), torch.rand(1, 2, 4, 5)
    kept, all_kept = some_places([large, small])
    assert kept.shape == (1, 2, PLACES, 1)
    assert torch.equal(kept, some_places([large])[0])
    assert torch.equal(kept[:, 1] - kept[:, 0], torch.full((1, PLACES, 1), 3000.0))
    assert torch.equal(all_kept, small.flatten(2)[..., None])


@pytest.mark.usefixtures("small_view")
@pytest.mark.parametrize("metric", NANO_METRICS, ids=lambda metric: metric.key)
@pytest.mark.parametrize(("change", "little", "much"), [(noisy, 0.1, 0.5), (blurred, 1, 3), (tinted, 0.1, 0.5)])
def test_nano_grows_with_the_change(metric, change, little, much):
    style = texture(0)
    measure = metric.begin(Reference(styles=(style,)))
    distances = [measure(Look(later)) for later in (style, change(style, little), change(style, much))]
    assert distances[0] == pytest.approx(0, abs=1e-6)
    assert distances == sorted(distances)
    assert distances[1] > 1e-3


@pytest.mark.usefixtures("small_view")
@pytest.mark.parametrize("metric", NANO_METRICS, ids=lambda metric: metric.key)
def test_nano_is_the_mean_over_styles(metric):
    styles, look = (texture(1), texture(2)), Look(texture(0))
    alone = [metric.begin(Reference(styles=(style,)))(look) for style in styles]
    assert metric.begin(Reference(styles=styles))(look) == pytest.approx(np.mean(alone))
