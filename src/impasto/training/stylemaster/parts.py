"""The training that ControlNets, motion adapter and style attention have in common: flow matching on cached latents.

Legend: B clips, C channels, T latent frames, h w their size, L tokens, D channels.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import Tensor, nn

from impasto.diffusion.adapterfile import AdapterFormat, Adapters
from impasto.diffusion.conditions import Conditions, DropRates, dropped, some_of
from impasto.diffusion.flowmatching import noised, sample_sigmas, target
from impasto.diffusion.velocity import Velocity
from impasto.stylizers.stylemaster.config import Part
from impasto.training.csdpictures import Progress as Made
from impasto.training.group import COMPUTE, Group, whole
from impasto.training.loop import Schedule, go_through
from impasto.training.nano.learner import Learner, OptimizerName
from impasto.training.schedule import warmed_cosine
from impasto.training.stylemaster.aspects import Aspect, Seen, alike

SIGMAS = (0.5, 0.8, 0.98)
"""At which the loss of clips held back is measured; what a style tells counts where there is little but noise."""


class Batch(NamedTuple):
    latents: Tensor
    """[B, C, T, h, w]"""
    conditions: Conditions


Lesson = Callable[[Sequence[Seen], np.random.Generator], Batch]
"""From clips of one size to what is to be painted, and by what."""


class Blocks(Protocol):
    @property
    def blocks(self) -> Iterable[nn.Module]: ...


class Parted(Protocol):
    """A frozen transformer with parts that learn, each by itself: StyleMaster, or a base under a ControlNet."""

    @property
    def format(self) -> AdapterFormat:
        """Of its files."""
        ...

    @property
    def transformer(self) -> WanTransformer3DModel: ...

    @property
    def velocity(self) -> Velocity: ...

    @property
    def control(self) -> Blocks | None: ...

    @property
    def tokens(self) -> nn.Module | None: ...

    def learns(self, part: Part) -> nn.ModuleList:
        """Let one part want gradients and nothing else; returns its modules."""
        ...

    def adapters(self, part: Part, /) -> Adapters:
        """A part as it is written."""
        ...

    def to(self, device: torch.device) -> Any: ...


@dataclass(frozen=True, kw_only=True)
class PartRun:
    part: Part
    steps: int
    batch: int
    rate: float = 1e-4
    optimizer: OptimizerName = "adamw"
    warmup: int = 20
    decay: float = 0.01
    ema: float = 0.99
    shift: float | None = None
    """Of the noise levels; None: that of the base."""
    rates: DropRates
    """For guidance, without which nothing is learned of a condition that is absent."""
    held: int = 4
    """Batches held back on which each report is made."""
    shards: int | None = None
    """Of clips, of each part, that are looked at and learned from; None: all."""
    seed: int = 0

    def chance(self, step: int) -> int:
        """The number on which all chance of a step hangs."""
        return self.seed * 1_000_003 + step


@dataclass(frozen=True)
class Progress:
    step: int
    loss: float
    """Mean since the last report."""
    held: float
    """Of the averaged weights on clips held back, over `SIGMAS`."""


class PartTraining:
    """One part learns, on a model of which all else is frozen. See `impasto.training.loop.Training`."""

    def __init__(
        self,
        run: PartRun,
        model: Parted,
        shift: float,
        lesson: Lesson,
        found: Sequence[Seen],
        held: Sequence[Seen],
        device: torch.device,
        group: Group | None = None,
    ) -> None:
        group = group or Group()
        self.run, self.model = run, model.to(device)
        self._shift, self._lesson, self._found, self._held = shift, lesson, found, held
        learning = model.learns(run.part)
        control = model.control.blocks if model.control else ()
        if run.optimizer == "adamw":
            group.shard(model.velocity, [*model.transformer.blocks, *control], COMPUTE[device.type])
            if model.tokens:
                group.shard(model.tokens, (), COMPUTE[device.type])
        self.trained = Learner(learning, device, run.decay, run.ema, group, run.optimizer)

    def advance(self) -> tuple[float]:
        """One step; gives its loss."""
        run = self.run
        number = run.chance(self.trained.step)
        generator = torch.Generator().manual_seed(number)
        sigmas_B = sample_sigmas(run.batch, self._shift, generator)
        loss = self._loss(self._found, number, sigmas_B, generator)
        self.trained.descend(loss, warmed_cosine(self.trained.step, run.rate, run.warmup, run.steps))
        return (self.trained.group.mean(loss.detach()).item(),)

    def report(self, *losses: float) -> Progress:
        held = []
        with self.trained.averaged():
            for number in range(self.run.held):
                for sigma in SIGMAS:
                    sigmas_B, generator = torch.full((self.run.batch,), sigma), torch.Generator().manual_seed(number)
                    loss = self._loss(self._held, number, sigmas_B, generator)
                    held.append(self.trained.group.mean(loss).item())
        return Progress(self.trained.step, *losses, held=float(np.mean(held)))

    def _loss(self, found: Sequence[Seen], number: int, sigmas_B: Tensor, generator: torch.Generator) -> Tensor:
        """Of a batch of that number, this process's share; all chance hangs on it and on the generator."""
        rng, device, group = np.random.default_rng(number), self.trained.device, self.trained.group
        share, weight = group.share(self.run.batch), group.weight(self.run.batch)
        chosen = alike(found, rng, self.run.batch)
        with self.trained.autocast():
            latents, conditions = self._lesson(chosen, rng)
            noise = torch.randn(latents.shape, generator=generator)[share].to(device)
            conditions = some_of(dropped(conditions, self.run.rates, generator), share)
            latents, sigmas_B = latents[share], sigmas_B[share].to(device)
            velocity = self.model.velocity(noised(latents, noise, sigmas_B), sigmas_B, conditions)
        return weight * F.mse_loss(velocity, target(latents, noise))

    def save(self, output: Path) -> None:
        """Write the averaged weights of the part; called in all processes."""
        with self.trained.averaged():
            adapters = self.model.adapters(self.run.part)
            state = {part: {name: whole(v).clone() for name, v in s.items()} for part, s in adapters.state.items()}
        if self.trained.group.first:
            self.model.format.write(output, replace(adapters, state=state), as_bytes=False)


def train_part(
    run: PartRun, model: Parted, aspect: Aspect, lesson: Callable[..., Lesson], key: str, output: Path
) -> Iterator[Made | Progress]:
    """See what was not seen yet, then train; writes the part to `output` with every checkpoint.

    Args:
        lesson: makes the lesson for a model, the features of the empty text, and a device.
        key: what the training depends on beside the run and what was seen.

    Raises:
        InputError: there are no clips.
        ModelError: weights of the base are missing.
    """
    group = Group()
    yield from aspect.make(run.shards)
    device = group.device
    ground = aspect.ground
    empty_LD = ground.read([""])[0].float().cpu()
    found, held = aspect.seen("train", run.shards), aspect.seen("held", run.shards)
    shift = ground.shift if run.shift is None else run.shift
    training = PartTraining(run, model, shift, lesson(model, empty_LD, device), found, held, device, group)
    key = f"{run} {key} {aspect.folder.name} {ground.latents.name} {len(found)}"
    name = f"{model.format.method.lower()}-{output.stem}"
    yield from go_through(training, Schedule(steps=run.steps), name, key, lambda: training.save(output))
