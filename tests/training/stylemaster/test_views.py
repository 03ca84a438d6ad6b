"""Views: what is rearranged comes back, all of it, at any resolution."""

import pytest
import torch

from impasto.errors import UnsupportedOption
from impasto.training.stylemaster.views import FLIP, IDENTITY, JIGSAW, PIECES, ROTATION, VIEWS


def picture(height: int = 12, width: int = 16) -> torch.Tensor:
    return torch.rand((2, 3, height, width), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("name", VIEWS)
def test_there_and_back_is_exact_and_no_pixel_is_lost(name):
    view, canvas = VIEWS[name], picture()
    assert torch.equal(view.back(view.there(canvas)), canvas)
    assert torch.equal(view.there(view.back(canvas)), canvas)
    shown = view.there(canvas)
    assert torch.equal(shown.flatten(2).sort(-1).values, canvas.flatten(2).sort(-1).values)
    assert torch.equal(shown, canvas) == (view is IDENTITY)


def test_flip_and_rotation_turn_the_picture_over():
    canvas = picture()
    assert torch.equal(FLIP.there(canvas), canvas.flip(-2))
    assert torch.equal(ROTATION.there(canvas), canvas.rot90(2, (-2, -1)))


def test_the_jigsaw_moves_every_piece_whole():
    canvas = picture()
    rows, columns = (side // PIECES for side in canvas.shape[-2:])
    pieces, moved = (
        rgb[0].unfold(1, rows, rows).unfold(2, columns, columns).movedim(0, 2).flatten(0, 1)
        for rgb in (canvas, JIGSAW.there(canvas))
    )
    found = [[i for i, piece in enumerate(pieces) if torch.equal(piece, one)] for one in moved]
    assert sorted(found) == [[i] for i in range(PIECES**2)]
    assert all(place not in numbers for place, numbers in enumerate(found))


def test_views_of_latents_are_those_of_the_picture():
    """The mean of a square of pixels goes where the square goes."""
    canvas = picture(16, 24)
    for view in VIEWS.values():
        smaller = torch.nn.functional.avg_pool2d(canvas, 2)
        torch.testing.assert_close(
            view.there(smaller), torch.nn.functional.avg_pool2d(view.there(canvas), 2), rtol=1e-6, atol=1e-6
        )


def test_a_canvas_that_cannot_be_cut_is_refused():
    with pytest.raises(UnsupportedOption, match="18x12"):
        JIGSAW.there(picture(12, 18))
