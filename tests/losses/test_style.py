"""What every style loss promises; legend: B pictures, C channels, H height, W width."""

import pytest
import torch
from torch import Tensor

from impasto.losses.style import STYLE_LOSSES, StyleLoss


@pytest.fixture(params=STYLE_LOSSES)
def loss(request: pytest.FixtureRequest) -> StyleLoss:
    return STYLE_LOSSES[request.param]


def features(seed: int, height: int = 7, width: int = 9, batch: int = 1, channels: int = 6) -> Tensor:
    """Like those behind a ReLU: not negative, channels correlated, of the given seed."""
    generator = torch.Generator().manual_seed(seed)
    mixed = torch.randn(channels, channels, generator=generator) @ torch.randn(
        batch, channels, height * width, generator=generator
    )
    return mixed.relu().unflatten(2, (height, width))


def test_names():
    assert set(STYLE_LOSSES) == {"gram", "moments", "gaussian", "sliced", "relaxed"}


def test_nothing_lies_between_a_style_and_itself(loss: StyleLoss):
    style = features(0)
    assert loss.distance(style, loss.measure(style)).item() == pytest.approx(0, abs=1e-6)


def test_where_things_are_is_no_style(loss: StyleLoss):
    style, picture = features(0), features(1)
    kept = loss.measure(style)
    shuffled = picture.flatten(2)[..., torch.randperm(63)].view_as(picture)
    torch.testing.assert_close(loss.distance(shuffled, kept), loss.distance(picture, kept))
    torch.testing.assert_close(
        loss.distance(picture, loss.measure(style.transpose(2, 3))), loss.distance(picture, kept)
    )


def test_how_large_the_picture_is_is_no_style(loss: StyleLoss):
    style, picture = features(0), features(1)
    kept, tiled = loss.measure(style), picture.tile(1, 1, 3, 2)
    torch.testing.assert_close(loss.distance(tiled, kept), loss.distance(picture, kept), rtol=0.02, atol=0)


def test_pictures_of_a_batch_do_not_meet(loss: StyleLoss):
    kept, pictures = loss.measure(features(0, 5, 5)), features(1, batch=3)
    together = loss.distance(pictures, kept)
    assert together.shape == (3,)
    assert (together > 0.01).all()
    torch.testing.assert_close(together, torch.cat([loss.distance(picture[None], kept) for picture in pictures]))


def test_a_second_call_gives_the_same(loss: StyleLoss):
    style, picture = features(0, 40, 40), features(1, 40, 40)
    first, second = (loss.distance(picture, loss.measure(style)) for _ in range(2))
    assert torch.equal(first, second)


@pytest.mark.parametrize("level", [0.0, 0.7])
@pytest.mark.parametrize("flat_style", [False, True])
def test_gradients_of_a_constant_picture_are_finite(loss: StyleLoss, level: float, flat_style: bool):
    kept = loss.measure(torch.ones(1, 6, 5, 5) if flat_style else features(0))
    picture = torch.full((1, 6, 7, 9), level, requires_grad=True)
    distance = loss.distance(picture, kept)
    distance.sum().backward()
    assert distance.isfinite().all()
    assert picture.grad is not None
    assert picture.grad.isfinite().all()
    assert picture.grad.abs().max() < 100


def test_following_the_gradient_reaches_the_style(loss: StyleLoss):
    kept = loss.measure(features(0))
    picture = features(1).requires_grad_()
    before = loss.distance(picture, kept).item()
    optimizer = torch.optim.Adam([picture], lr=0.1)
    for _ in range(80):
        optimizer.zero_grad()
        loss.distance(picture, kept).sum().backward()
        optimizer.step()
    assert loss.distance(picture, kept).item() < 0.1 * before


def test_half_precision_is_measured_in_full(loss: StyleLoss):
    kept, picture = loss.measure(features(0)), features(1)
    half = loss.distance(picture.bfloat16(), kept).float()
    torch.testing.assert_close(half, loss.distance(picture.bfloat16().float(), kept), rtol=0.01, atol=0)


@pytest.mark.parametrize("name", ["moments", "gaussian"])
@pytest.mark.parametrize("channels", [2, 12])
def test_width_of_a_layer_does_not_weigh(name: str, channels: int):
    style = features(0, channels=channels)
    loss = STYLE_LOSSES[name]
    assert loss.distance(style + 0.5, loss.measure(style)).item() == pytest.approx(0.25, rel=1e-4)
