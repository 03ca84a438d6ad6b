"""Recipe of `clip-nano`, the image-text model, and of its matching head.

Run: `impasto train clip-nano`, after a new encoder or text encoder. First looks at what it learns from, which is kept
in the cache folder (`impasto train clip-material` does this alone); goes on where it was stopped, in both.

Pictures and texts learn by the sigmoid loss of SigLIP; patches learn to name what covers them, as rendered scenes know
it; the matching head learns to tell right captions of clips from wrong ones. Encoder and text encoder are frozen.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from impasto.perception.clipmatch import places
from impasto.perception.clipnano import WEIGHTS, ClipConfig, ClipNano, pool, read, save_clip_nano
from impasto.perception.text.weights import TEXT
from impasto.training.adamw import AdamW
from impasto.training.clipbatches import BatchSizes, ClipBatch, PictureBatch, Pool
from impasto.training.cliplosses import match_loss, phrase_accuracy, phrase_loss, sigmoid_contrastive
from impasto.training.clipmaterial import WIDE, Material, MaterialConfig
from impasto.training.csdpictures import Progress as Made
from impasto.training.loop import Schedule, Trained, go_through
from impasto.training.schedule import warmed_cosine
from impasto.weights.paths import EMBEDDED, weights_file
from impasto.weights.precision import autocast

NAME = "clip-nano"
"""Of its checkpoint and its log."""


@dataclass(frozen=True)
class ClipRun:
    net: ClipConfig = field(default_factory=ClipConfig)
    material: MaterialConfig = field(default_factory=MaterialConfig)
    sizes: BatchSizes = field(default_factory=BatchSizes)
    steps: int = 300
    rate: float = 1e-3
    warmup: int = 50
    decay: float = 0.05
    phrase_weight: float = 1.0
    match_weight: float = 2.0
    report_every: int = 50
    save_every: int = 100


@dataclass(frozen=True)
class Progress:
    step: int
    contrast: float
    phrases: float
    match: float
    """Losses, means since the last report. A matching head that knows nothing has 0.69."""
    contrast_held: float
    phrases_held: float
    """Share of the patches held back that are named rightly, among the phrases of all scenes of a batch."""
    match_held: float
    """Share of the clips held back whose right caption has a higher logit than the wrong one."""


class ClipTraining:
    """State of one training: material, network and optimizer."""

    def __init__(self, run: ClipRun, net: ClipNano, material: Material) -> None:
        self.run, self.net = run, net.eval().requires_grad_()
        self.pool, self.held = Pool.split(material)
        # Most pairs are wrong, and that is known from the start. SigLIP begins with a scale of 10, and learns longer.
        self.log_scale = nn.Parameter(torch.tensor(20.0).log())
        self.bias = nn.Parameter(torch.tensor(-10.0))
        parameters: dict[str, Tensor] = {
            **dict(net.named_parameters()),
            "log_scale": self.log_scale,
            "bias": self.bias,
        }
        self.trained = Trained(parameters, AdamW(parameters.values(), run.decay))

    def advance(self) -> tuple[float, ...]:
        """See `impasto.training.loop.Training`; the losses are of pictures with texts, of patches and of clips."""
        run, step = self.run, self.trained.step
        rng = np.random.default_rng(step)
        pictures, clips = self.pool.pictures(rng, run.sizes), self.pool.clips(rng, run.sizes)
        torch.manual_seed(step)
        self.net.train()  # dropout, for what pictures are taught by alone
        contrast, patches_BPE, phrases_KE = self._contrast(pictures)
        self.net.eval()
        phrases = phrase_loss(patches_BPE, phrases_KE, pictures.wanted, self.log_scale.exp())
        match = match_loss(*self._logits(clips))
        loss = contrast + run.phrase_weight * phrases + run.match_weight * match
        self.trained.descend(loss, warmed_cosine(step, run.rate, run.warmup, run.steps))
        return contrast.item(), phrases.item(), match.item()

    def report(self, *losses: float) -> Progress:
        """See `impasto.training.loop.Training`."""
        contrast, phrases, match = self.held_figures()
        return Progress(self.trained.step, *losses, contrast_held=contrast, phrases_held=phrases, match_held=match)

    @torch.no_grad()
    def held_figures(self) -> tuple[float, float, float]:
        """Loss of pictures with texts, shares of patches and clips judged rightly, on what is held back."""
        rng, sizes = np.random.default_rng(0), self.run.sizes
        pictures, clips = self.held.pictures(rng, sizes), self.held.clips(rng, sizes)
        contrast, patches_BPE, phrases_KE = self._contrast(pictures)
        named = phrase_accuracy(patches_BPE, phrases_KE, pictures.wanted)
        right, wrong = self._logits(clips)
        return contrast.item(), named.float().mean().item(), (right > wrong[: len(right)]).float().mean().item()

    def _contrast(self, batch: PictureBatch) -> tuple[Tensor, Tensor, Tensor]:
        """The loss of pictures with texts, and the vectors of their patches and of the phrases."""
        with autocast():
            patches_BPE = self.net.patches(batch.tokens, batch.places)
            texts = self.net.text_head(read([*batch.texts, *batch.phrases]))
        texts_BE, phrases_KE = texts.float().split([len(batch.texts), len(batch.phrases)])
        cosines_BB = pool(patches_BPE) @ texts_BE.T
        loss = sigmoid_contrastive(cosines_BB, batch.true, self.log_scale.exp(), self.bias)
        return loss, patches_BPE, phrases_KE

    def _logits(self, batch: ClipBatch) -> tuple[Tensor, Tensor]:
        """Of right captions [B] and of wrong ones [2 B]: in one part, then those of other clips."""
        with autocast():
            with torch.no_grad():  # the patches are taught by texts alone
                tokens_BPS = batch.tokens.flatten(0, 1)
                patches_BPE = self.net.patches(tokens_BPS, places(*WIDE).expand(len(tokens_BPS), -1, -1))
            patches_BTPE = patches_BPE.unflatten(0, batch.tokens.shape[:2])
            words = read([*batch.right, *batch.wrong, *batch.right[1:], batch.right[0]])
            logits = self.net.logits(batch.tokens, patches_BTPE, WIDE, words)
        right, wrong = logits.float().split([len(batch.right), 2 * len(batch.right)])
        return right, wrong


def train(run: ClipRun, output: Path = EMBEDDED / WEIGHTS) -> Iterator[Made | Progress]:
    """Look at what was not looked at yet, then train; writes `output` with every checkpoint.

    Raises:
        InputError: the data folder lacks something.
        ModelError: the text encoder is missing.
    """
    material = Material(run.material, run.net)
    texts = hashlib.sha256(weights_file(TEXT).read_bytes()).hexdigest()[:8]
    yield from material.make()
    training = ClipTraining(run, material.network(), material)
    schedule = Schedule(steps=run.steps, report_every=run.report_every, save_every=run.save_every)
    key = f"{material.key} {texts} {run}"
    yield from go_through(training, schedule, NAME, key, lambda: save_clip_nano(training.net, output))


def make_material(run: ClipRun) -> Iterator[Made]:
    """Look at what was not looked at yet, and no more; wants no text encoder. Raises `InputError` as `train` does."""
    yield from Material(run.material, run.net).make()
