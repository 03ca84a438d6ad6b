"""The relaxed earth mover's distance, against its definition and against the exact one."""

import pytest
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor
from torch.autograd import gradcheck

from impasto.losses import relaxed
from impasto.losses.gaussian import gaussian
from impasto.losses.positions import points, sample
from impasto.losses.relaxed import directions, moment_distance, relaxed_emd


def cloud(count: int, seed: int, batch: int = 1) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(batch, count, 4, generator=generator, dtype=torch.float64) + 0.5


def cosine_costs(first_NC: Tensor, second_MC: Tensor) -> Tensor:
    return torch.tensor([[1 - torch.cosine_similarity(a, b, dim=0) for b in second_MC] for a in first_NC])


@pytest.mark.parametrize("rows", [2048, 4], ids=["at once", "in parts"])
@pytest.mark.parametrize(("n", "m"), [(9, 9), (11, 6), (5, 14)])
def test_it_is_its_definition(n: int, m: int, rows: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(relaxed, "ROWS", rows)
    pictures, style = cloud(n, 0, batch=2), cloud(m, 1)
    expected = []
    for picture in pictures:
        costs = cosine_costs(picture, style[0])
        expected.append(max(costs.min(1).values.mean().item(), costs.min(0).values.mean().item()))
    assert relaxed_emd(directions(pictures), directions(style)).tolist() == pytest.approx(expected, abs=1e-3)


def test_it_never_exceeds_the_exact_distance():
    one, other = cloud(12, 0), cloud(12, 1)
    costs = cosine_costs(one[0], other[0]).numpy()
    exact = costs[linear_sum_assignment(costs)].mean()
    assert 0 < relaxed_emd(directions(one), directions(other)).item() <= exact


def test_lengths_do_not_matter_to_it_but_to_the_moments():
    one = cloud(12, 0)
    assert relaxed_emd(directions(one), directions(3 * one)).item() == pytest.approx(0, abs=1e-3)
    near, far = (gaussian(x.transpose(1, 2)[..., None]) for x in (one, 3 * one))
    means = 2 * near.mean.abs().mean()
    covariances = 8 * near.covariance.abs().mean()
    assert moment_distance(near, far).item() == pytest.approx((means + covariances).item())


def test_points_at_zero_agree_with_each_other():
    assert relaxed_emd(directions(torch.zeros(1, 5, 4)), directions(torch.zeros(1, 3, 4))).item() == 0


def test_gradients():
    style = directions(cloud(7, 1))
    assert gradcheck(lambda x: relaxed_emd(directions(x), style), cloud(5, 0, batch=2).requires_grad_())
    target = gaussian(torch.rand(1, 3, 4, 5, dtype=torch.float64))
    features = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    assert gradcheck(lambda x: moment_distance(gaussian(x), target), features.requires_grad_())


def test_a_sample_is_of_different_positions_and_always_the_same():
    numbered = points(torch.arange(200.0).view(1, 1, 10, 20))
    chosen = sample(numbered, 50)
    assert torch.equal(chosen, sample(numbered, 50))
    assert len(chosen.unique()) == 50
    assert torch.equal(sample(numbered, 200), numbered)
