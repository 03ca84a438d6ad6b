"""The temporal losses against their formulas; what holds along a real motion is in tests/motion/test_exact_flow.py."""

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck

from impasto.losses.temporal import (
    feature_loss,
    frame_difference_loss,
    long_term_loss,
    long_term_weights,
    luminance_aware_loss,
    temporal_loss,
    unwarped_loss,
)


def frames(seed: int, batch: int = 2, channels: int = 3, height: int = 4, width: int = 6) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(batch, channels, height, width, generator=generator, dtype=torch.float64)


def mask(seed: int, batch: int = 2, height: int = 4, width: int = 6) -> Tensor:
    return (frames(seed, batch, 1, height, width)[:, 0] > 0.4).double()


def test_temporal_loss_is_the_paper_s_sum():
    painted, carried, weight = frames(0), frames(1), mask(2)
    expected = [
        sum(
            float(weight[b, y, x] * (painted[b, c, y, x] - carried[b, c, y, x]) ** 2)
            for c in range(3)
            for y in range(4)
            for x in range(6)
        )
        / (3 * 4 * 6)
        for b in range(2)
    ]
    assert temporal_loss(painted, carried, weight).tolist() == pytest.approx(expected)


def test_over_its_weight_it_is_the_mean_over_trusted_pixels():
    painted, carried, weight = frames(0), frames(1), mask(2)
    expected = (painted - carried).square().transpose(0, 1)[:, weight > 0].mean()
    torch.testing.assert_close(temporal_loss(painted, carried, weight).mean() / weight.mean(), expected)


def test_what_is_not_trusted_counts_for_nothing():
    painted, weight = frames(0), mask(2)
    carried = torch.where(weight[:, None] > 0, painted, frames(1))
    assert temporal_loss(painted, carried, weight).tolist() == [0, 0]
    assert (temporal_loss(painted, carried, torch.ones_like(weight)) > 0.01).all()


def test_each_pixel_is_held_to_the_closest_frame_that_shows_it():
    weights = [mask(seed) for seed in range(4)]
    found = long_term_weights(weights)
    seen = torch.zeros_like(weights[0])
    for weight, result in zip(weights, found, strict=True):
        torch.testing.assert_close(result, weight * (1 - seen))
        seen = torch.maximum(seen, weight)
    torch.testing.assert_close(torch.stack(found).sum(0), seen)


def test_soft_weights_never_exceed_one_together():
    weights = list(torch.rand(4, 2, 4, 6, generator=torch.Generator().manual_seed(0)))
    found = torch.stack(long_term_weights(weights))
    assert torch.equal(found[0], weights[0])
    torch.testing.assert_close(found[2], (weights[2] - weights[0] - weights[1]).clamp(min=0))
    assert found.min() >= 0
    assert found.sum(0).max() <= 1


def test_long_term_loss_is_the_short_one_to_the_closest_frame():
    painted, near, far = frames(0), frames(1), frames(2)
    weight = mask(3)
    both = long_term_loss(painted, [near, far], [weight, torch.ones_like(weight)])
    merged = torch.where(weight[:, None] > 0, near, far)
    torch.testing.assert_close(both, temporal_loss(painted, merged, torch.ones_like(weight)))
    torch.testing.assert_close(long_term_loss(painted, [near], [weight]), temporal_loss(painted, near, weight))


def test_a_change_of_light_is_free_where_luminance_is_known():
    painted, source, weight = frames(0), frames(1), torch.ones(2, 4, 6)
    brighter = luminance_aware_loss(painted + 0.2, painted, source + 0.2, source, weight)
    torch.testing.assert_close(brighter, torch.zeros(2, dtype=torch.float64))
    # Of a change of green alone, only its share in the luminance is allowed.
    greener = source.clone()
    greener[:, 1] += 0.2
    paler = luminance_aware_loss(painted + 0.2 * 0.7152, painted, greener, source, weight)
    torch.testing.assert_close(paler, torch.zeros(2, dtype=torch.float64))
    torch.testing.assert_close(
        luminance_aware_loss(painted, frames(2), source, source, weight), temporal_loss(painted, frames(2), weight)
    )


def test_features_are_carried_at_their_own_size():
    features = frames(0, 1, 5, 8, 12)
    moved = features.roll((1, -2), (2, 3))
    flow = torch.tensor([-8.0, 4.0], dtype=torch.float64).expand(1, 32, 48, 2)
    inside = torch.zeros(1, 32, 48, dtype=torch.float64)
    inside[:, 8:-8, 8:-8] = 1
    assert feature_loss(features, moved, flow, inside).item() == pytest.approx(0, abs=1e-12)
    assert feature_loss(features, features, flow, inside).item() > 0.01
    still = feature_loss(features, moved, torch.zeros_like(flow), inside)
    torch.testing.assert_close(still, temporal_loss(features, moved, inside[:, ::4, ::4]))


def test_frame_difference_allows_what_the_source_does():
    painted, source, change = frames(0), frames(1), frames(2) - 0.5
    assert frame_difference_loss(painted + change, painted, source + change, source).max() < 1e-12
    expected = change.square().mean((1, 2, 3))
    torch.testing.assert_close(frame_difference_loss(painted, painted, source + change, source), expected)
    torch.testing.assert_close(unwarped_loss(painted + change, painted), expected)


def test_gradients():
    painted, carried, weight = frames(0).requires_grad_(), frames(1).requires_grad_(), mask(2)
    assert gradcheck(lambda a, b: temporal_loss(a, b, weight), (painted, carried))
    assert gradcheck(lambda a, b: long_term_loss(a, [b, frames(3)], [weight, mask(4)]), (painted, carried))
    assert gradcheck(lambda a, b: luminance_aware_loss(a, b, frames(3), frames(4), weight), (painted, carried))
    assert gradcheck(lambda a, b: frame_difference_loss(a, b, frames(3), frames(4)), (painted, carried))
    flow = torch.full((2, 8, 12, 2), 1.3, dtype=torch.float64)
    small = mask(2, height=8, width=12)
    assert gradcheck(lambda a, b: feature_loss(a, b, flow, small), (painted, carried))
