"""CFSD against sums over rows by hand, at the scale of real features and far beyond, and its nano version."""

import numpy as np
import pytest
import torch
from scipy.special import log_softmax

from impasto.errors import InputError
from impasto.evaluation.metrics import cfsd as module
from impasto.evaluation.metrics.cfsd import NANO_METRICS, cfsd, cfsd_nano
from impasto.evaluation.metrics.metric import Look, Reference
from impasto.evaluation.metrics.nano import nano_features
from tests.evaluation.metrics.toys import blurred, noisy, texture

(NANO,) = NANO_METRICS
CHANNELS = 8


def features(seed: int, scale: float) -> torch.Tensor:
    """[2, C, H, W], more places than are compared at a time."""
    return torch.rand(2, CHANNELS, 10, 15, generator=torch.Generator().manual_seed(seed)) * scale


def by_hand(source: torch.Tensor, output: torch.Tensor) -> list[float]:
    """Sum over places of sum_j p_j log (p_j / q_j), in double."""
    channels = source.shape[1]
    sums = []
    for picture in zip(source.double().numpy(), output.double().numpy(), strict=True):
        places = [maps.reshape(channels, -1).T / channels for maps in picture]
        p, q = (log_softmax(points @ points.T, axis=1) for points in places)
        sums.append((np.exp(p) * (p - q)).sum())
    return sums


@pytest.mark.parametrize(("scale", "change"), [(3, 3), (3, 0.003), (300, 300)])
def test_agrees_with_the_sum_over_rows(scale, change):
    """Also where rows differ in the sixth digit, and where one place has all the weight of its row."""
    source = features(0, scale)
    output = source + features(1, change)
    expected = by_hand(source, output)
    np.testing.assert_allclose(cfsd(source, output), expected, rtol=2e-3)


def test_is_a_divergence():
    source, output = features(0, 5), features(1, 5)
    assert cfsd(source, source).tolist() == [0, 0]
    assert cfsd(source, output).min() > 0
    assert cfsd(source, output).tolist() != pytest.approx(cfsd(output, source).tolist())


def test_forgives_a_rotation_of_all_features():
    """Products of two places are all that counts."""
    source = features(0, 5)
    turn = torch.linalg.qr(torch.randn(CHANNELS, CHANNELS, generator=torch.Generator().manual_seed(2)))[0]
    turned = torch.einsum("bchw,cd->bdhw", source, turn)
    assert cfsd(source, turned).max() < 1e-4 * cfsd(source, source.flip(3)).min()


def test_refuses_pictures_of_two_sizes():
    with pytest.raises(InputError, match="give pictures of one size"):
        cfsd(features(0, 1), features(0, 1)[..., 1:])


@pytest.mark.usefixtures("small_view")
def test_nano_compares_the_cells_of_a_grid(monkeypatch):
    monkeypatch.setattr(module, "NANO_GRID", 8)
    seen = [nano_features(texture(seed)) for seed in (0, 1)]
    cells = [layers[2].reshape(1, -1, 8, 2, 8, 3).mean((3, 5)) for layers in seen]
    assert cfsd_nano(*seen) == pytest.approx(1000 * by_hand(*cells)[0], rel=1e-3)


@pytest.mark.usefixtures("small_view")
@pytest.mark.parametrize("change", [noisy, blurred])
def test_nano_grows_with_the_change(change):
    picture = texture(0, grain=6)
    measure = NANO.begin(Reference())
    distances = [measure(Look(later, picture)) for later in (picture, change(picture, 0.1), change(picture, 0.5))]
    assert distances[0] == 0
    assert distances == sorted(distances)
    assert cfsd_nano(nano_features(picture), nano_features(texture(1, grain=6))) > distances[1]
