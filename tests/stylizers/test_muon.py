"""Muon: torch's, in the numbers that are fast here, many matrices at a time."""

import pytest
import torch

from impasto.stylizers.feedforward import muon
from impasto.stylizers.feedforward.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(6, 6), (4, 9), (9, 4)])
@pytest.mark.parametrize(("dtype", "rounding"), [(torch.float32, 1e-4), (torch.bfloat16, 0.1)])
def test_singular_vectors_stay_and_values_come_near_one(shape: tuple[int, int], dtype, rounding: float, monkeypatch):
    monkeypatch.setattr(muon, "fast_dtype", lambda device: dtype)
    torch.manual_seed(0)
    stack = torch.randn(3, *shape)
    made = orthogonal(stack)
    for before, after in zip(stack, made, strict=True):
        u, _, vh = torch.linalg.svd(before, full_matrices=False)
        core = u.T @ after @ vh.T
        torch.testing.assert_close(core, core.diagonal().diag(), atol=rounding, rtol=0)
        assert 0.5 < core.diagonal().min() < core.diagonal().max() < 1.5


def test_no_gradient_is_no_step():
    assert torch.equal(orthogonal(torch.zeros(1, 4, 3)), torch.zeros(1, 4, 3))


def test_it_does_what_torchs_does():
    torch.manual_seed(0)
    ours = [torch.randn(5, 8), torch.randn(8, 5), torch.randn(5, 8)]
    theirs = [matrix.clone().requires_grad_() for matrix in ours]
    torchs = torch.optim.Muon(theirs, lr=0.1, weight_decay=0.2, momentum=0.9)
    mine = Muon(decay=0.2, momentum=0.9)
    for _ in range(3):
        gradients = {matrix: torch.randn_like(matrix) for matrix in ours}
        for matrix, gradient in zip(theirs, gradients.values(), strict=True):
            matrix.grad = gradient.clone()
        torchs.step()
        mine.step(gradients, 0.1)
    for own, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own, other.detach(), atol=0.02, rtol=0)  # theirs in bfloat16
