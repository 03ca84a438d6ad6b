"""The stages of DreamStyle's training: continual training on clips, then fine-tuning on the best (CT, SFT).

Before them may stand one on pairs of stills: a departure for small bases, as video models learn from pictures first.

Flow matching on cached latents; a batch is of one task, and tasks are drawn 1 to 2 to 1.

Legend: B clips, C channels, T latent frames, h w their size, L tokens, D channels.
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.diffusion.flowmatching import clean, noised, sample_sigmas, target
from impasto.perception.encoder import embedded_encoder
from impasto.stylizers.dreamstyle.config import DreamStyleConfig
from impasto.stylizers.dreamstyle.given import Extra, Given, share_of
from impasto.stylizers.dreamstyle.model import FORMAT, DreamStyle
from impasto.training.csdpictures import Progress as Made
from impasto.training.dreamstyle.ground import Ground
from impasto.training.dreamstyle.lessons import SHARES, TASKS, Lesson, Rates, Task, alike
from impasto.training.dreamstyle.pairs import (
    Sample,
    best_of,
    clips_of,
    encode_pairs,
    of_routes,
    samples,
    stills_of,
    worded,
)
from impasto.training.dreamstyle.sight import Sight, SightConfig
from impasto.training.group import COMPUTE, Group, whole
from impasto.training.loop import Schedule, go_through
from impasto.training.nano.learner import Learner, OptimizerName
from impasto.training.nano.shards import content_key
from impasto.training.schedule import warmed_cosine

SIGMAS = (0.5, 0.8, 0.98)
"""At which the loss of clips held back is measured."""
Pool = Literal["stills", "clips", "best"]
POOLS: Mapping[Pool, Callable[[Sequence[Sample]], list[Sample]]] = {
    "stills": stills_of,
    "clips": clips_of,
    "best": best_of,
}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One stage; a training is a list of them."""

    name: str
    pool: Pool
    """The pairs that it learns from."""
    shares: tuple[float, float, float] = SHARES
    """How often each of `TASKS` is drawn."""
    routes: tuple[str, ...] = ()
    """Ends of the names of the routes that count; none: all."""
    steps: int
    batch: int
    rate: float
    optimizer: OptimizerName = "adamw"
    warmup: int = 20
    decay: float = 0.01
    ema: float = 0.99
    rates: Rates = field(default_factory=Rates)
    sight: SightConfig | None = None
    """How estimates are looked at; None: not at all, as published."""
    followed: int = 2
    """Latent frames that are painted already where a clip goes on from another."""
    held: int = 1
    """Batches held back on which each task is measured at each report."""
    save_every: int = 50
    seed: int = 0


@dataclass(frozen=True)
class Progress:
    stage: str
    step: int
    loss: float
    sight: float
    """Means since the last report: error of the velocities, and what is seen of estimates."""
    text: float
    style: float
    first_frame: float
    """Losses of the averaged weights on clips held back, over `SIGMAS`, each task on the same clips at every report."""


class StageTraining:
    """What a DreamStyle learns at one stage. See `impasto.training.loop.Training`."""

    def __init__(
        self,
        stage: Stage,
        model: DreamStyle,
        shift: float,
        lesson: Lesson,
        found: Sequence[Sample],
        held: Sequence[Sample],
        device: torch.device,
        group: Group | None = None,
        sight: Sight | None = None,
    ) -> None:
        group = group or Group()
        self._sight = sight
        self.stage, self.model = stage, model.to(device)
        self._shift, self._lesson = shift, lesson
        self._found, self._held = _by_task(found), _by_task(held)
        # Measured as they are used: nothing is missing by chance.
        self._whole = replace(lesson, rates=Rates(text=0.0, look=0.0, follow=0.0))
        learning = model.learns()
        if stage.optimizer == "adamw":
            group.shard(model.velocity, model.transformer.blocks, COMPUTE[device.type])
        self.trained = Learner(learning, device, stage.decay, stage.ema, group, stage.optimizer)

    def advance(self) -> tuple[float, float]:
        """One step; gives its losses."""
        stage = self.stage
        number = stage.seed * 1_000_003 + self.trained.step
        generator = torch.Generator().manual_seed(number)
        sigmas_B = sample_sigmas(stage.batch, self._shift, generator)
        rng = np.random.default_rng(number)
        task = TASKS[int(rng.choice(len(TASKS), p=stage.shares))]
        chosen = alike(self._found[task], rng, stage.batch)
        loss, seen = self._losses(self._lesson, task, chosen, rng, sigmas_B, generator, self._sight)
        rate = warmed_cosine(self.trained.step, stage.rate, stage.warmup, stage.steps)
        self.trained.descend(loss + (stage.sight.weight if stage.sight else 0.0) * seen, rate)
        return self.trained.group.mean(loss.detach()).item(), self.trained.group.mean(seen.detach()).item()

    def report(self, *losses: float) -> Progress:
        with self.trained.averaged():
            held = [self._held_loss(task) for task in TASKS]
        return Progress(self.stage.name, self.trained.step, *losses, *held)

    def save(self, output: Path) -> None:
        """Write the averaged weights; called in all processes."""
        with self.trained.averaged():
            adapters = self.model.adapters()
            state = {part: {name: whole(v).clone() for name, v in s.items()} for part, s in adapters.state.items()}
        if self.trained.group.first:
            FORMAT.write(output, replace(adapters, state=state), as_bytes=False)

    def _held_loss(self, task: Task) -> float:
        losses = []
        for number in range(self.stage.held):
            for sigma in SIGMAS:
                rng, generator = np.random.default_rng(number), torch.Generator().manual_seed(number)
                sigmas_B = torch.full((self.stage.batch,), sigma)
                chosen = alike(self._held[task], rng, self.stage.batch)
                loss, _ = self._losses(self._whole, task, chosen, rng, sigmas_B, generator)
                losses.append(self.trained.group.mean(loss).item())
        return float(np.mean(losses))

    def _losses(
        self,
        lesson: Lesson,
        task: Task,
        chosen: Sequence[Sample],
        rng: np.random.Generator,
        sigmas_B: Tensor,
        generator: torch.Generator,
        sight: Sight | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Of this process's share of a batch, on the frames of the video: error of the velocities, and what is seen.

        Those of first frame and style picture are given: whether the paper's loss is taken on them too is not known.
        """
        device, group = self.trained.device, self.trained.group
        share, weight = group.share(len(chosen)), group.weight(len(chosen))
        latents, given = lesson(task, chosen, rng)
        # Chance is drawn on the CPU and for the whole batch, so that it is the same on every device and in every group.
        noise = torch.randn(latents.shape, generator=generator)[share].to(device)
        latents, given = latents[share].to(device), moved(share_of(given, share), device)
        sigmas_B = sigmas_B[share].to(device)
        noisy = noised(latents, noise, sigmas_B)
        with self.trained.autocast():
            velocity = self.model.velocity(noisy, sigmas_B, given)
        loss = weight * F.mse_loss(velocity, target(latents, noise))
        if sight is None:
            return loss, loss.new_zeros(())
        rows, columns = sight.window((latents.shape[3], latents.shape[4]), rng)
        shown = [clean(noisy, velocity, sigmas_B), latents]
        wanted = range(0, len(chosen), sight.config.every)
        mine = [number - share.start for number in wanted if share.start <= number < share.stop]
        if not mine:
            return loss, 0 * loss
        with self.trained.autocast():
            seen = sight(*(each[mine][..., rows, columns] for each in shown))
        return loss, len(mine) * group.size / len(wanted) * seen


def _by_task(found: Sequence[Sample]) -> dict[Task, Sequence[Sample]]:
    """What teaches each task: painting after a text, those that have words on their style."""
    return {task: worded(found) if task == "text" else found for task in TASKS}


def moved(given: Given, device: torch.device) -> Given:
    """The same on a device."""
    changed = {}
    for name, value in vars(given).items():
        if isinstance(value, Tensor):
            changed[name] = value.to(device)
        elif isinstance(value, Extra):
            changed[name] = Extra(value.latents.to(device), value.noise.to(device))
    return replace(given, **changed)


def train_stage(
    stage: Stage, config: DreamStyleConfig, ground: Ground, output: Path, start: Path | None = None
) -> Iterator[Made | Progress]:
    """Encode the pairs that were not encoded yet, then train; writes `output` with every checkpoint.

    Args:
        start: what was learned before, such as at the stage before; None: nothing.

    Raises:
        InputError: there are no pairs, or none for this stage.
        ModelError: weights of the base are missing, or `start` was made for another base.
    """
    group = Group()
    yield from encode_pairs(ground)
    found = POOLS[stage.pool](of_routes(samples(ground, "train"), stage.routes))
    held = (stills_of if stage.pool == "stills" else clips_of)(samples(ground, "held"))
    torch.manual_seed(stage.seed)
    model = DreamStyle(ground.transformer(), ground.base, config)
    if start is not None:
        model.load(start)
    empty_LD = ground.read([""])[0].float().cpu()
    lesson = Lesson(empty_LD, config.pictures, stage.rates, stage.followed)
    sight = None
    if stage.sight is not None:
        autoencoder, encoder = ground.autoencoder(), copy.deepcopy(embedded_encoder()).to(group.device)
        sight = Sight(stage.sight, autoencoder.requires_grad_(False), encoder)
    training = StageTraining(stage, model, ground.shift, lesson, found, held, group.device, group, sight)
    learned = content_key([start] if start else [], [one.name for one in found])
    key = f"{stage} {config} {ground.key} {ground.latents.name} {learned}"
    name = f"dreamstyle-{output.stem}"
    schedule = Schedule(steps=stage.steps, save_every=stage.save_every)
    yield from go_through(training, schedule, name, key, lambda: training.save(output))
