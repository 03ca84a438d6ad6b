"""Overlapping windows: as many frames out as in, each window knowing the end of the one before."""

import numpy as np
import pytest
import torch

from impasto.diffusion.flowmatching import noised
from impasto.diffusion.sampling import Solver, denoise, schedule
from impasto.diffusion.windows import Frames, Windows, holding, in_windows

WINDOWS = Windows(length=9, overlap=5)


def clip(count: int) -> list[np.ndarray]:
    return [np.full((2, 3, 3), number, np.float32) for number in range(count)]


class Painter:
    """Paints frame n as 100 + n, and remembers what it was asked."""

    def __init__(self) -> None:
        self.seen: list[tuple[list[int], list[int]]] = []

    def __call__(self, frames: Frames, known: Frames) -> Frames:
        self.seen.append(([int(f[0, 0, 0]) for f in frames], [int(f[0, 0, 0]) for f in known]))
        return frames + 100


@pytest.mark.parametrize("count", [0, 1, 4, 9, 10, 13, 30])
def test_every_frame_is_painted_once_and_in_order(count: int):
    painted = list(in_windows(clip(count), WINDOWS, Painter(), {}))
    assert [frame[0, 0, 0] for frame in painted] == [100 + number for number in range(count)]


def test_a_window_knows_how_the_frames_were_painted_that_it_shares_with_the_one_before():
    painter = Painter()
    list(in_windows(clip(15), WINDOWS, painter, {}))
    first, second, third = painter.seen
    assert first == (list(range(9)), [])
    assert second == (list(range(4, 13)), [104, 105, 106, 107, 108])
    assert third == ([8, 9, 10, 11, 12, 13, 14], [108, 109, 110, 111, 112])


def test_a_shot_in_pieces_is_painted_as_a_whole_is_where_windows_end_with_them():
    whole, pieces, state = Painter(), Painter(), {}
    list(in_windows(clip(17), WINDOWS, whole, {}))
    for part in (clip(17)[:9], clip(17)[9:13], clip(17)[13:]):
        assert len(list(in_windows(part, WINDOWS, pieces, state))) == len(part)
    assert pieces.seen == whole.seen


def test_after_a_short_piece_only_whole_latent_frames_are_known():
    painter, state = Painter(), {}
    list(in_windows(clip(3), WINDOWS, painter, state))
    list(in_windows(clip(6)[3:], WINDOWS, painter, state))
    assert painter.seen[1] == ([2, 3, 4, 5], [102])


@pytest.mark.parametrize("solver", ["euler", "unipc"])
def test_held_latents_arrive_and_the_others_are_left_alone(solver: Solver):
    noise, known = torch.randn(1, 2, 3, 2, 2, generator=torch.Generator().manual_seed(0)), torch.rand(1, 2, 1, 2, 2)
    seen = []

    def velocity(latents: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
        seen.append((latents[:, :, :1], sigma))
        return torch.ones_like(latents)

    *_, last = denoise(holding(velocity, known, noise), noise, schedule(5, 3.0), solver)
    torch.testing.assert_close(last.latents[:, :, :1], known, rtol=0, atol=1e-5)
    torch.testing.assert_close(last.latents[:, :, 1:], noise[:, :, 1:] - 1, rtol=0, atol=1e-5)
    # On the way the transformer sees them at the noise level of all.
    for latents, sigma in seen:
        torch.testing.assert_close(latents, noised(known, noise[:, :, :1], sigma), rtol=0, atol=1e-5)
