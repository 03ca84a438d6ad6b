"""Processes that train one model together: each computes its part of every batch and keeps its part of the weights.

FSDP2 (torch's `fully_shard`), started by `accelerate launch` or `torchrun`; without them the group is one process and
nothing is sharded. A checkpoint holds whole tensors, so that any number of processes goes on with it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard
from torch.distributed.tensor import DTensor, distribute_tensor

from impasto.errors import UnsupportedOption

Item = TypeVar("Item")

COMPUTE = {"cpu": torch.float32, "cuda": torch.bfloat16}
"""What pieces of weights are cast to when they are put together; gloo, on a CPU, is tried with float32 alone."""


@dataclass(frozen=True)
class Group:
    """The processes that train together; joining is done once, by the first that asks for `rank` or `size`."""

    cpu: bool = False
    """Do not use an accelerator, also where there is one."""

    @cached_property
    def _state(self):
        from accelerate import PartialState

        # Where there is no accelerator it must be told, or the processes stay strangers.
        return PartialState(cpu=self.cpu or not torch.accelerator.is_available())

    @property
    def rank(self) -> int:
        return self._state.process_index

    @property
    def size(self) -> int:
        return self._state.num_processes

    @property
    def device(self) -> torch.device:
        """Where this process computes."""
        device = self._state.device
        assert device is not None
        return device

    @property
    def first(self) -> bool:
        """Whether this process writes files and tells how far it is."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """The items of a batch that this process computes; raises `UnsupportedOption` where there are too few."""
        if count < self.size:
            raise UnsupportedOption(f"A batch of {count} cannot be shared by {self.size} processes; start fewer.")
        return slice(self.rank * count // self.size, (self.rank + 1) * count // self.size)

    def weight(self, count: int) -> float:
        """What a mean over this process's share counts, so that the mean over the processes is that of the batch."""
        share = self.share(count)
        return (share.stop - share.start) * self.size / count

    def deal(self, items: Sequence[Item]) -> Iterator[tuple[int, Item]]:
        """This process's items, with their numbers from 1; ends when every process is done with its own."""
        yield from list(enumerate(items, 1))[self.rank :: self.size]
        self.wait()

    def spread(self, function: Callable[[Tensor], Tensor], rows: Tensor) -> Tensor:
        """A function of rows, each by itself, of which every process computes a part and all get the whole."""
        if self.size == 1:
            return function(rows)
        share = slice(self.rank * len(rows) // self.size, (self.rank + 1) * len(rows) // self.size)
        computed = torch.zeros_like(rows)
        computed[share] = function(rows[share])
        dist.all_reduce(computed)
        return computed

    def shard(self, model: nn.Module, blocks: Iterable[nn.Module], compute: torch.dtype) -> None:
        """Cut the weights into pieces, one for each process, put together block by block while they are needed.

        Args:
            blocks: parts of the model that compute one after the other.
            compute: what the weights are cast to for computing; gradients are summed in float32.
        """
        if self.size == 1:
            return
        policy = MixedPrecisionPolicy(param_dtype=compute, reduce_dtype=torch.float32)
        for block in blocks:
            fully_shard(block, mp_policy=policy)
        # Averaged weights are put in place between passes: none may be kept together from the pass before.
        fully_shard(model, mp_policy=policy, reshard_after_forward=True)

    def average_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Of the parameters that are not in pieces; those of the others are averaged on the way back."""
        gradients = [p.grad for p in parameters if p.grad is not None and not isinstance(p, DTensor)]
        if self.size == 1 or not gradients:
            return
        together = self.mean(torch.cat([gradient.flatten() for gradient in gradients]))
        for gradient, mean in zip(gradients, together.split([g.numel() for g in gradients]), strict=True):
            gradient.copy_(mean.view_as(gradient))

    def wait(self) -> None:
        """Until all processes are here."""
        self._state.wait_for_everyone()

    def mean(self, value: Tensor) -> Tensor:
        """Over the processes."""
        if self.size > 1:
            value = value.clone()
            dist.all_reduce(value)
            value /= self.size
        return value


def whole(tensor: Tensor) -> Tensor:
    """A tensor of which each process has a piece, put together; any other as it is. All processes must ask for it."""
    return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def pieces_like(value: Tensor, like: Tensor) -> Tensor:
    """A whole tensor, cut as `like` is."""
    value = value.to(like.device)
    return distribute_tensor(value, like.device_mesh, like.placements) if isinstance(like, DTensor) else value
