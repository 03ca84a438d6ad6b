"""LPIPS with fixed random weights against an independent computation, and its nano version."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from impasto.errors import InputError
from impasto.evaluation.metrics.lpips import lpips, lpips_nano
from impasto.evaluation.metrics.nano import nano_features
from tests.evaluation.metrics.toys import blurred, noisy, texture, tinted

CHANNELS = (5, 9, 4)


def random_features(seed: int, pictures: int = 2) -> list[Tensor]:
    """Of a random network of three layers."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(pictures, 3, 24, 16, generator=torch.Generator().manual_seed(seed))
    features = []
    for ins, outs in zip((3, *CHANNELS), CHANNELS, strict=False):
        x = torch.relu(torch.conv2d(x, torch.randn(outs, ins, 3, 3, generator=generator), stride=2))
        features.append(x)
    return features


def random_heads() -> list[Tensor]:
    return [torch.rand(count, generator=torch.Generator().manual_seed(count)) for count in CHANNELS]


def test_agrees_with_an_independent_computation():
    """numpy for the unit features, a 1x1 convolution for the heads, as in the paper's figure."""
    first, second, heads = random_features(1), random_features(2), random_heads()
    expected = np.zeros(2)
    for a, b, weights in zip(first, second, heads, strict=True):
        units = [x.numpy() / np.maximum(np.sqrt((x.numpy() ** 2).sum(1, keepdims=True)), 1e-10) for x in (a, b)]
        head = nn.Conv2d(len(weights), 1, 1, bias=False)
        head.weight.data = weights.view(1, -1, 1, 1)
        with torch.no_grad():
            expected += head(torch.from_numpy((units[0] - units[1]) ** 2)).mean((1, 2, 3)).numpy()
    np.testing.assert_allclose(lpips(first, second, heads), expected, rtol=1e-5)


def test_is_a_distance_that_ignores_the_length_of_features():
    first, second, heads = random_features(1), random_features(2), random_heads()
    assert lpips(first, first, heads).tolist() == [0, 0]
    torch.testing.assert_close(lpips(first, second, heads), lpips(second, first, heads))
    torch.testing.assert_close(lpips(first, [3 * layer for layer in first], heads), torch.zeros(2))


def test_a_head_of_zeros_makes_its_layer_blind():
    first, second, heads = random_features(1), random_features(2), random_heads()
    blind = [heads[0], torch.zeros_like(heads[1]), heads[2]]
    apart = sum(lpips([a], [b], [h]) for a, b, h in zip(first[::2], second[::2], heads[::2], strict=True))
    torch.testing.assert_close(lpips(first, second, blind), apart)


def test_refuses_what_does_not_fit():
    first, heads = random_features(1), random_heads()
    with pytest.raises(InputError, match="pictures of one size"):
        lpips(first, [layer[..., 1:] for layer in first], heads)
    with pytest.raises(InputError, match=r"Heads for \[9, 4\] channels do not fit features of \[5, 9, 4\]"):
        lpips(first, first, heads[1:])


def test_nano_is_the_mean_cosine_distance():
    """Between orthogonal features of one channel each: 1 at every layer where all positions differ."""
    left, right = torch.tensor([1.0, 0]), torch.tensor([0, 2.0])
    first = [left.view(1, 2, 1, 1).expand(1, 2, 3, 4)] * 5
    second = [*first[:3], *[right.view(1, 2, 1, 1).expand(1, 2, 3, 4)] * 2]
    assert lpips_nano(first, second) == pytest.approx(2 / 5)


@pytest.mark.usefixtures("small_view")
@pytest.mark.parametrize("change", [noisy, blurred, tinted])
def test_nano_grows_with_the_change(change):
    picture = texture(0)
    seen, a_little, a_lot, other = (
        nano_features(image) for image in (picture, change(picture, 0.2), change(picture, 0.8), texture(1))
    )
    distances = [lpips_nano(seen, later) for later in (seen, a_little, a_lot)]
    assert distances[0] == 0
    assert distances == sorted(set(distances))
    assert lpips_nano(seen, other) > distances[1]
