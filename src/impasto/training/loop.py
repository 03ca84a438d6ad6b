"""The loop that trainings go through: reports, checkpoints, and going on after a stop."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
import torch
from torch import Tensor

from impasto.training.checkpoint import Optimizer, read_checkpoint, restore, snapshot, write_checkpoint
from impasto.training.group import Group
from impasto.weights.memory import keep_freed_memory
from impasto.weights.paths import cache_dir

Report = TypeVar("Report", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    steps: int
    report_every: int = 50
    save_every: int = 250


class Trained:
    """Parameters, their optimizer and the number of steps that were made.

    Args:
        optimizer: of these parameters.
        group: of the processes that train them; None: whoever `accelerate launch` or `torchrun` started.
    """

    def __init__(self, parameters: Mapping[str, Tensor], optimizer: Optimizer, group: Group | None = None) -> None:
        self.group = group or Group()
        self.parameters = dict(parameters)
        self.optimizer = optimizer
        self.step = 0

    def descend(self, loss: Tensor, rate: float) -> None:
        """One step against the gradients of a loss, the mean over the processes, no longer than 1."""
        self.optimizer.zero_grad()
        loss.backward()
        self.group.average_gradients(self.parameters.values())
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), 1.0)
        self.optimizer.step(rate)
        self.step += 1

    def state(self) -> dict[str, Tensor]:
        """What `resume` takes, whole; all processes must ask for it."""
        return snapshot(self.parameters, self.optimizer) | {"step": torch.tensor(self.step)}

    def resume(self, state: Mapping[str, Tensor]) -> None:
        self.step = int(state["step"])
        restore(state, self.parameters, self.optimizer, self.step)


class Training(Protocol, Generic[Report]):
    @property
    def trained(self) -> Trained: ...

    def advance(self) -> tuple[float, ...]:
        """One step; gives its losses. All chance hangs on the number of the step."""
        ...

    def report(self, *losses: float) -> Report:
        """Progress, with the means of the losses since the last."""
        ...


def go_through(
    training: Training[Report], schedule: Schedule, name: str, key: str, save: Callable[[], None]
) -> Iterator[Report]:
    """Train to the last step from the last checkpoint, if its key is the same.

    All processes of a group go through it; the first alone yields, and writes the log and the checkpoints, which any
    number of processes goes on from. They share a cache folder.

    Args:
        name: of the checkpoint and the log in the cache folder.
        key: what the training depends on.
        save: writes the weights, with every checkpoint; called in all processes, and to write in the first alone.
    """
    keep_freed_memory()
    folder, trained = cache_dir() / "training", training.trained
    group = trained.group
    folder.mkdir(exist_ok=True)
    checkpoint = folder / f"{name}.safetensors"
    if checkpoint.exists():
        state, of = read_checkpoint(checkpoint)
        if of == key:
            trained.resume(state)
    started, rows = time.monotonic(), []
    with (folder / f"{name}.jsonl").open("a", encoding="utf-8") if group.first else nullcontext() as log:
        while trained.step < schedule.steps:
            rows.append(training.advance())
            last = trained.step == schedule.steps
            if last or trained.step % schedule.report_every == 0:
                report = training.report(*np.mean(rows, axis=0).tolist())
                rows.clear()
                if log:
                    log.write(json.dumps(vars(report) | {"seconds": round(time.monotonic() - started)}) + "\n")
                    log.flush()
                    yield report
            if last or trained.step % schedule.save_every == 0:
                state = trained.state()
                if group.first:
                    write_checkpoint(state, key, checkpoint)
                save()
                group.wait()
