"""Content, Gram matrices, moments and variation, against loops over their definitions."""

import pytest
import torch
from torch.autograd import gradcheck

from impasto.losses.content import content_loss
from impasto.losses.gram import gram, gram_distance
from impasto.losses.moments import moments_distance
from impasto.losses.variation import total_variation
from impasto.perception.statistics import channel_statistics


def random(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_gram_is_the_paper_s_over_the_positions():
    features = random(2, 3, 4, 5)
    for picture, matrix in zip(features, gram(features), strict=True):
        for i in range(3):
            for j in range(3):
                products = sum(float(a * b) for a, b in zip(picture[i].flatten(), picture[j].flatten(), strict=True))
                assert matrix[i, j].item() == pytest.approx(products / 20)


def test_gram_distance_is_gatys_where_sizes_agree():
    one, other = random(1, 3, 4, 5), random(1, 3, 4, 5, seed=1)
    sums = sum(
        float(((one[0, i] * one[0, j]).sum() - (other[0, i] * other[0, j]).sum()) ** 2)
        for i in range(3)
        for j in range(3)
    )
    assert gram_distance(one, gram(other)).item() == pytest.approx(sums / (4 * 3**2 * 20**2))


def test_moments_distance_is_of_means_and_deviations():
    one, other = random(2, 3, 4, 5), random(1, 3, 4, 5, seed=1)
    expected = [
        sum(float((a.mean() - b.mean()) ** 2 + (a.std() - b.std()) ** 2) for a, b in zip(p, other[0], strict=True)) / 3
        for p in one
    ]
    assert moments_distance(one, channel_statistics(other)).tolist() == pytest.approx(expected, rel=1e-4)


def test_gradient_of_moments_is_that_of_their_definition():
    features, target = random(1, 3, 4, 5).requires_grad_(), random(1, 6, seed=1)
    (fused,) = torch.autograd.grad(moments_distance(features, target.float()).sum(), features)
    composed = torch.cat([features.mean((2, 3)), features.std((2, 3))], 1)
    (plain,) = torch.autograd.grad(2 * (composed - target).square().mean(), features)
    torch.testing.assert_close(fused, plain, rtol=1e-4, atol=1e-6)


def test_content_loss_is_half_the_mean_square():
    one, other = random(2, 3, 4, 5), random(1, 3, 4, 5, seed=1)
    expected = [0.5 * sum(float(d) ** 2 for d in (p - other[0]).flatten()) / 60 for p in one]
    assert content_loss(one, other).tolist() == pytest.approx(expected)
    assert content_loss(one, one).tolist() == [0, 0]


def test_total_variation_of_known_pictures():
    stripes = torch.zeros(2, 3, 4, 6)
    stripes[0, :, :, ::2] = 0.5
    stripes[1, :, ::2] = 1
    assert total_variation(stripes).tolist() == pytest.approx([0.5, 1])
    assert total_variation(torch.full((1, 3, 4, 6), 0.3)).item() == 0


@pytest.mark.parametrize("loss", [content_loss, lambda a, b: gram_distance(a, gram(b))])
def test_gradients(loss):
    assert gradcheck(lambda x: loss(x, random(1, 3, 4, 5, seed=1)), random(2, 3, 4, 5).requires_grad_())
    assert gradcheck(total_variation, random(2, 3, 4, 5).requires_grad_())
