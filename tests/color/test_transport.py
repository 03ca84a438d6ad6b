import pytest
import torch

from impasto.color.transport import FLOOR, LARGEST_GAIN, apply, color_statistics, transport


def picture(seed: int, spread: float = 0.1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    mixing = (torch.eye(3) + 0.3 * torch.randn(3, 3, generator=generator)) * spread
    pixels = torch.randn(4096, 3, generator=generator) @ mixing + torch.rand(3, generator=generator)
    return pixels.T.reshape(1, 3, 64, 64)


def statistics(rgb: torch.Tensor):
    return color_statistics(rgb[0].flatten(1).T)


def test_result_has_the_mean_and_covariance_of_the_target():
    source, target = picture(0), picture(1)
    moved = statistics(apply(source, *transport(statistics(source), statistics(target))))
    torch.testing.assert_close(moved.mean, statistics(target).mean, atol=1e-4, rtol=0)
    torch.testing.assert_close(moved.covariance, statistics(target).covariance, atol=5 * FLOOR, rtol=0.05)


def test_same_colours_are_left_alone():
    same = statistics(picture(0))
    matrix, offset = transport(same, same)
    torch.testing.assert_close(matrix, torch.eye(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(offset, torch.zeros(3), atol=1e-4, rtol=0)


def test_map_is_the_one_of_least_displacement():
    """Monge maps between Gaussians are gradients of convex functions: symmetric and positive definite."""
    matrix, _ = transport(statistics(picture(0)), statistics(picture(1)))
    torch.testing.assert_close(matrix, matrix.T, atol=1e-4, rtol=1e-4)
    assert torch.linalg.eigvalsh(matrix).min() > 0


def test_cost_matches_an_independent_solver():
    ot = pytest.importorskip("ot")
    a, b = statistics(picture(2)), statistics(picture(3))
    matrix, offset = ot.gaussian.bures_wasserstein_mapping(
        a.mean.double().numpy(),
        b.mean.double().numpy(),
        (a.covariance + FLOOR * torch.eye(3)).double().numpy(),
        (b.covariance + FLOOR * torch.eye(3)).double().numpy(),
    )
    ours, ours_offset = transport(a, b)
    torch.testing.assert_close(ours, torch.tensor(matrix).float(), atol=1e-3, rtol=1e-3)
    torch.testing.assert_close(ours_offset, torch.tensor(offset).float().reshape(3), atol=1e-3, rtol=1e-3)


def test_flat_source_is_not_blown_up():
    flat = torch.full((1, 3, 32, 32), 0.5) + 1e-4 * torch.randn(1, 3, 32, 32)
    matrix, _ = transport(statistics(flat), statistics(picture(1, spread=0.3)))
    assert matrix.abs().max() < LARGEST_GAIN + 1e-3


def test_a_source_of_little_colour_gets_the_mean_of_the_target_but_not_all_its_contrast():
    gray = picture(0)
    gray = gray.mean(1, keepdim=True) + 0.1 * (gray - gray.mean(1, keepdim=True))
    target = statistics(picture(1, spread=0.3))
    matrix, offset = transport(statistics(gray), target)
    assert torch.linalg.eigvalsh(matrix).max() == pytest.approx(LARGEST_GAIN, rel=1e-3)
    moved = statistics(apply(gray, matrix, offset))
    torch.testing.assert_close(moved.mean, target.mean, atol=1e-4, rtol=0)
    assert moved.covariance.trace() < target.covariance.trace()
