"""Recipe of the global projector (StyleMaster, section 3.2: 100 epochs, batches of 8, rate 1e-4).

Run: `impasto train stylemaster-projector`, after `stylemaster-illusions`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from impasto.stylizers.stylemaster.projector import ProjectorConfig, StyleProjector, save_projector
from impasto.training.adamw import AdamW
from impasto.training.loop import Schedule, Trained, go_through
from impasto.training.stylemaster.illusionpairs import IllusionPairs, IllusionRun
from impasto.training.stylemaster.stylegroups import StyleGroups, artist_groups, illusion_groups
from impasto.training.stylemaster.triplets import pull_loss, retrieval, triplet_loss, within_style_spread
from impasto.weights.paths import cache_dir

DECAY = 0.01


@dataclass(frozen=True)
class ProjectorRun:
    net: ProjectorConfig = field(default_factory=ProjectorConfig)
    pairs: IllusionRun = field(default_factory=IllusionRun)
    artists: bool = False
    """Learn from paintings by artist instead of illusion pairs: an ablation."""
    epochs: int = 100
    batch: int = 8
    rate: float = 1e-4
    margin: float = 0.2
    """The paper names none; it matters with the hinge alone."""
    hinge: bool = True
    """Not as printed: without it vectors of few pairs drift apart without end, and know fewer paintings' styles."""
    pull: float = 1.0
    """Weight of the squared difference inside a pair, next to that of a triplet."""
    seed: int = 0


@dataclass(frozen=True)
class Progress:
    epoch: int
    triplet: float
    pull: float
    """Losses, means since the last report."""
    spread_held: float
    spread_raw: float
    """Variance of the cosines within styles that are held back: of style vectors, and of the embeddings themselves."""
    retrieval_held: float
    retrieval_raw: float
    """Share of the pictures held back whose nearest other is of their style."""


class ProjectorTraining:
    """See `impasto.training.loop.Training`."""

    def __init__(self, run: ProjectorRun, groups: StyleGroups) -> None:
        torch.manual_seed(run.seed)
        self.run, self.net = run, StyleProjector(run.net)
        self.groups, self.held = groups.split()
        self.trained = Trained(dict(self.net.named_parameters()), AdamW(self.net.parameters(), DECAY))
        self.epoch_steps = -(-len(self.groups.groups.unique()) // run.batch)
        self._epoch = -1

    def advance(self) -> tuple[float, float]:
        """One step; gives the losses of a triplet and of a pair, as means."""
        epoch, place = divmod(self.trained.step, self.epoch_steps)
        if epoch != self._epoch:
            self._epoch, self._triplets = (
                epoch,
                self.groups.triplets(np.random.default_rng(self.run.seed * 1_000_003 + epoch)),
            )
        chosen = self._triplets[place * self.run.batch : (place + 1) * self.run.batch]
        anchor, positive, negative = (self.net(self.groups.embeddings[column]) for column in chosen.T)
        triplet = triplet_loss(anchor, positive, negative, self.run.margin, self.run.hinge)
        pull = pull_loss(anchor, positive)
        self.trained.descend(triplet + self.run.pull * len(chosen) * pull, self.run.rate)
        return triplet.item() / len(chosen), pull.item()

    @torch.no_grad()
    def report(self, *losses: float) -> Progress:
        styles, raw = self.held.styles, self.held.embeddings
        vectors = self.net(raw)
        return Progress(
            self.trained.step // self.epoch_steps,
            *losses,
            spread_held=within_style_spread(vectors, styles),
            spread_raw=within_style_spread(raw, styles),
            retrieval_held=retrieval(vectors, styles),
            retrieval_raw=retrieval(raw, styles),
        )


def train(run: ProjectorRun, output: Path | None = None) -> Iterator[Progress]:
    """Train on what was made; writes `output`, by default in the cache folder, with every checkpoint.

    Raises:
        InputError: there are no pairs, or the data folder lacks paintings.
        ModelError: `clip-nano` is missing, for the ablation by artists.
    """
    name = "stylemaster-projector" + ("-artists" if run.artists else "")
    output = output or cache_dir() / "stylemaster" / f"{name}.safetensors"
    groups = projector_groups(run)
    training = ProjectorTraining(run, groups)
    epoch = training.epoch_steps
    schedule = Schedule(steps=run.epochs * epoch, report_every=epoch, save_every=10 * epoch)
    key = f"{run} {len(groups.groups)}"

    def save() -> None:
        if training.trained.group.first:
            save_projector(training.net, output)

    yield from go_through(training, schedule, output.stem, key, save)


def projector_groups(run: ProjectorRun) -> StyleGroups:
    """What it learns from; raises as `train` does."""
    if not run.artists:
        return illusion_groups(IllusionPairs(run.pairs))
    from impasto.perception.clipnano import embedded_clip_nano

    return artist_groups(embedded_clip_nano())
