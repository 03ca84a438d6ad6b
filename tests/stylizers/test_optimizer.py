"""The optimizer of the feed-forward networks: orthogonal steps for kernels, and a memory that can be kept."""

import torch
from torch import Tensor

from impasto.stylizers.feedforward.optimizer import KERNEL_RATE, Optimizer, matrix

RATE = 1e-3


def leaves(seed: int = 0) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    shapes = {"kernel": (8, 6, 3, 3), "bank": (2, 4, 6, 3, 3), "matrix": (5, 7), "vector": (9,)}
    return {name: torch.randn(shape, generator=generator).requires_grad_() for name, shape in shapes.items()}


def descend(parameters: dict[str, Tensor], optimizer: Optimizer, steps: range) -> None:
    for step in steps:
        optimizer.zero_grad()
        generator = torch.Generator().manual_seed(step)
        loss = sum((p * torch.randn(p.shape, generator=generator)).sum() for p in parameters.values())
        assert isinstance(loss, Tensor)
        loss.backward()
        optimizer.step(RATE)


def test_a_kernel_moves_in_all_directions_by_the_same_amount():
    parameters = leaves()
    before = {name: value.detach().clone() for name, value in parameters.items()}
    descend(parameters, Optimizer(parameters.values()), range(1))
    moves = {name: value.detach() - before[name] for name, value in parameters.items()}
    for move in (moves["kernel"].flatten(1), *moves["bank"].flatten(2)):
        # Newton and Schulz's iteration brings singular values near 1, not to it.
        values = torch.linalg.svdvals(move) / (RATE * KERNEL_RATE)
        assert 0.5 < values.min() < values.max() < 1.5
    for name in ("matrix", "vector"):
        torch.testing.assert_close(moves[name].abs(), torch.full_like(before[name], RATE), rtol=1e-3, atol=0)


def test_matrices_and_kernels_of_any_dimensions_may_move_so_too():
    generator = torch.Generator().manual_seed(0)
    shapes = {"matrix": (5, 7), "kernel": (8, 6, 3, 3, 3), "filter": (1, 6, 2), "gains": (6, 1, 1), "vector": (9,)}
    parameters = {name: torch.randn(shape, generator=generator).requires_grad_() for name, shape in shapes.items()}
    before = {name: value.detach().clone() for name, value in parameters.items()}
    descend(parameters, Optimizer(parameters.values(), matrices=matrix), range(1))
    moves = {name: value.detach() - before[name] for name, value in parameters.items()}
    for name in ("matrix", "kernel"):
        values = torch.linalg.svdvals(moves[name].flatten(1)) / (RATE * KERNEL_RATE)
        assert 0.5 < values.min() < values.max() < 1.5
    for name in ("filter", "gains", "vector"):
        torch.testing.assert_close(moves[name].abs(), torch.full_like(before[name], RATE), rtol=1e-3, atol=0)


def test_what_muon_moves_decays():
    kernel = torch.ones(4, 4, 1, 1, requires_grad=True)
    gain = torch.ones(4, requires_grad=True)
    optimizer = Optimizer([kernel, gain], decay=0.5)
    optimizer.zero_grad()
    (0 * kernel * gain).sum().backward()
    optimizer.step(RATE)
    assert gain.eq(1).all()
    torch.testing.assert_close(kernel.detach(), torch.full_like(kernel, 1 - 0.5 * RATE * KERNEL_RATE))


def test_it_goes_on_from_the_moments_it_is_given():
    unbroken, stopped = leaves(), leaves()
    descend(unbroken, Optimizer(unbroken.values()), range(4))
    first = Optimizer(stopped.values())
    descend(stopped, first, range(2))
    second = Optimizer(stopped.values())
    for value in stopped.values():
        second.remember(value, first.moments(value), 2)
    descend(stopped, second, range(2, 4))
    for name, value in unbroken.items():
        assert torch.equal(value, stopped[name])


def test_what_has_no_gradient_stays():
    parameters = leaves()
    before = parameters["kernel"].detach().clone()
    optimizer = Optimizer(parameters.values())
    optimizer.zero_grad()
    parameters["vector"].sum().backward()
    optimizer.step(RATE)
    assert torch.equal(parameters["kernel"], before)
    assert optimizer.moments(parameters["kernel"]) == {}


def test_there_may_be_matrices_and_nothing_else():
    weight = torch.eye(4).requires_grad_()
    optimizer = Optimizer([weight], matrices=matrix)
    optimizer.zero_grad()
    weight.sum().backward()
    optimizer.step(RATE)
    assert not torch.equal(weight.detach(), torch.eye(4))
