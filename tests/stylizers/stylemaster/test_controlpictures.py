"""What the control branch is shown: structure, and no colour where none is wanted."""

import pytest
import torch
from torch import Tensor

from impasto.stylizers.stylemaster.controlpictures import gray, prepared, tile


def frames(count: int = 2, height: int = 24, width: int = 32) -> Tensor:
    return torch.rand((count, 3, height, width), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("preparation", ["gray tile", "rgb tile", "canny"])
def test_frames_keep_their_size_and_range(preparation):
    shown = prepared(frames(), preparation)
    assert shown.shape == frames().shape
    assert shown.min() >= 0
    assert shown.max() <= 1
    gray_only = torch.equal(shown[:, 0], shown[:, 1]) and torch.equal(shown[:, 0], shown[:, 2])
    assert gray_only == (preparation != "rgb tile")


def test_no_colour_leaks_through_the_gray_tile():
    """Colours turned around their lightness leave it as it is; the colour tile shows them."""
    source = 0.25 + frames() / 2
    away = torch.tensor([1.0, -0.299 / 0.587, 0.0]).view(1, 3, 1, 1) * 0.1
    torch.testing.assert_close(prepared(source + away, "gray tile"), prepared(source, "gray tile"))
    assert (prepared(source + away, "rgb tile") - prepared(source, "rgb tile")).abs().max() > 0.05


def test_white_is_white_and_lightness_is_not_the_mean():
    assert torch.allclose(gray(torch.ones(1, 3, 2, 2)), torch.ones(1, 3, 2, 2))
    green, blue = torch.eye(3)[1].view(1, 3, 1, 1), torch.eye(3)[2].view(1, 3, 1, 1)
    assert gray(green).mean() > 4 * gray(blue).mean()


def test_a_tile_drops_what_is_fine_and_keeps_what_is_coarse():
    fine = (torch.arange(32) % 2).float().expand(1, 3, 32, 32)
    torch.testing.assert_close(tile(fine, 4), torch.full_like(fine, 0.5))
    coarse = torch.linspace(0, 1, 32).expand(1, 3, 32, 32)
    torch.testing.assert_close(tile(coarse, 4)[..., 2:-2], coarse[..., 2:-2], rtol=0, atol=1e-5)


def test_edges_lie_where_the_frame_changes():
    step = torch.zeros(1, 3, 24, 24)
    step[..., 12:] = 1
    edges = prepared(step, "canny")[0, 0]
    assert edges.unique().tolist() == [0, 1]
    assert set(edges.nonzero()[:, 1].tolist()) <= {11, 12}
