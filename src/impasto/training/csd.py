"""Recipe of `csd-nano`, the descriptor of style and content.

Run: `impasto train csd-nano`, after a new encoder. First makes its pictures and looks at them, which takes longest and
is kept in the cache folder; goes on where it was stopped, in each of the three.

Style is taught by supervised contrast: other views of a picture, other pictures in its style, by its artist and of its
movement count less and less. Content is taught by contrast as well, photos repainted in different styles being alike,
while a critic tries to name the style by it and is made to fail (Ganin 2015).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from impasto.perception.csdnano import WEIGHTS, CsdConfig, CsdNano, save_csd_nano
from impasto.stylizers.feedforward.optimizer import Optimizer
from impasto.training.csdlosses import blindness, supervised_contrastive
from impasto.training.csdpictures import Collection, CollectionConfig
from impasto.training.csdpictures import Progress as Made
from impasto.training.csdviews import Sights, Views
from impasto.training.loop import Schedule, Trained, go_through
from impasto.training.schedule import warmed_cosine
from impasto.weights.paths import EMBEDDED

NAME = "csd-nano"
"""Of its checkpoint and its log."""
SHARES = {"picture": 0.2, "style": 0.6, "artist": 0.1, "movement": 0.1}
"""Of the attention of the style head. Each lies within the next, so that likeness adds up."""
HELD_BACK = 10
"""Every tenth style is not trained on, to see what is learned by heart."""


@dataclass(frozen=True)
class CsdRun:
    net: CsdConfig = field(default_factory=CsdConfig)
    collection: CollectionConfig = field(default_factory=CollectionConfig)
    crops: int = 3
    """Views of a picture besides the whole."""
    steps: int = 1500
    pictures: int = 512
    """Of a step, two views each."""
    rate: float = 1e-3
    warmup: int = 100
    critic: int = 256
    """Width of the critic."""
    blind_weight: float = 1.0
    """Of the critic's gradient in the content head, once it has grown to it."""
    report_every: int = 50
    save_every: int = 250


@dataclass(frozen=True)
class Progress:
    step: int
    style: float
    content: float
    critic: float
    """Losses, means since the last report. A critic that knows nothing has the logarithm of the number of styles."""
    style_held: float
    content_held: float
    """Losses on the styles that are held back, of as many pictures."""


class CsdTraining:
    """State of one training: views, network, critic and optimizer."""

    def __init__(self, run: CsdRun, net: CsdNano, views: Views) -> None:
        torch.manual_seed(0)
        self.run, self.net = run, net.train()
        styles = views.labels["style"]
        # The largest style, that of plain photos, stays in.
        held = (styles % HELD_BACK == 0) & (styles != styles.mode().values)
        self.views, self.held = views.of(~held), views.of(held)
        self.net.standardise(self.views.sight.style.flatten(0, 1).float())
        self.net.style_head.requires_grad_()
        self.net.content_head.requires_grad_()
        count = int(styles.max()) + 1
        self.critic = nn.Sequential(nn.Linear(run.net.size, run.critic), nn.ReLU(), nn.Linear(run.critic, count))
        parameters = {
            name: value
            for part, module in (("net", net), ("critic", self.critic))
            for name, value in module.named_parameters(prefix=part)
        }
        self.trained = Trained(parameters, Optimizer(parameters.values()))

    def advance(self) -> tuple[float, ...]:
        """See `impasto.training.loop.Training`; the losses are those of style, content and critic."""
        run, step = self.run, self.trained.step
        torch.manual_seed(step)  # dropout
        style, content, vectors, labels = self._losses(self.views, step)
        # The critic must know something before one heeds it (Ganin 2015, section 5.2.2).
        amount = run.blind_weight * math.tanh(5 * step / run.steps)
        critic = blindness(vectors, self.critic, labels["style"], amount)
        self.trained.descend(style + content + critic, warmed_cosine(step, run.rate, run.warmup, run.steps))
        return style.item(), content.item(), critic.item()

    def report(self, *losses: float) -> Progress:
        """See `impasto.training.loop.Training`."""
        style_held, content_held = self.held_losses()
        return Progress(self.trained.step, *losses, style_held=style_held, content_held=content_held)

    @torch.no_grad()
    def held_losses(self) -> tuple[float, float]:
        """Of style and content on what is held back."""
        self.net.eval()
        style, content, *_ = self._losses(self.held, 0)
        self.net.train()
        return style.item(), content.item()

    def _losses(self, views: Views, number: int) -> tuple[Tensor, Tensor, Tensor, dict[str, Tensor]]:
        """Of style and content, with the content vectors and all labels; chance hangs on the number alone."""
        sight, labels = views.draw(np.random.default_rng(number), self.run.pictures)
        style, content = self.net.describe(sight)
        of_style = supervised_contrastive(style, [(labels[name], share) for name, share in SHARES.items()])
        return of_style, supervised_contrastive(content, [(labels["content"], 1.0)]), content, labels


def train(run: CsdRun, output: Path = EMBEDDED / WEIGHTS) -> Iterator[Made | Progress]:
    """Make and look at the pictures that are missing, then train; writes `output` with every checkpoint.

    Raises:
        InputError: the data folder lacks something.
    """
    collection = Collection(run.collection)
    sights = Sights(collection, run.net, run.crops)
    yield from collection.make()
    yield from sights.make()
    training = CsdTraining(run, sights.network(), sights.views())
    schedule = Schedule(steps=run.steps, report_every=run.report_every, save_every=run.save_every)
    key = f"{sights.key} {run}"
    yield from go_through(training, schedule, NAME, key, lambda: save_csd_nano(training.net, output))
