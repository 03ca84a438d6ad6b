"""Recipe of the nano base: Wan's image-to-video transformer, small, by flow matching on cached latents.

Run: `impasto train nano-base`, after `nano-latents`. Goes on from its checkpoint in the cache folder, else from the
embedded weights, else from nothing. It needs the shards of latents, the embedded weights and nothing else, so that it
runs on another machine with as many shards as one can carry: see docs/models/nano.md.

One network learns every mode: the first frame is there half the time, the text nine times in ten, and a clip of one
frame is a picture.

Legend: B clips, C latent channels, T latent frames, h w their size.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.models.transformers.transformer_wan import WanTransformer3DModel
from torch import Tensor

from impasto.diffusion.attachments import Context, attach_attention
from impasto.diffusion.autoencoder import Autoencoder
from impasto.diffusion.conditions import DropRates, dropped
from impasto.diffusion.configs import NANO, TransformerConfig
from impasto.diffusion.embedded import BASE, VAE, is_of_size, load_base, load_vae, save_part
from impasto.diffusion.flowmatching import noised, sample_sigmas, target
from impasto.diffusion.velocity import Velocity
from impasto.perception.text.weights import embedded_text_encoder
from impasto.training.group import Group
from impasto.training.loop import Schedule, go_through
from impasto.training.nano.batches import Batch, batch_of, draw
from impasto.training.nano.latents import LATENTS, examples, latents_folder
from impasto.training.nano.learner import Learner
from impasto.training.nano.shards import shard_files
from impasto.training.nano.sheets import sampled, write_sheet
from impasto.training.schedule import warmed_cosine
from impasto.weights.memory import keep_freed_memory
from impasto.weights.paths import EMBEDDED, cache_dir, weights_file

NAME = "nano-base"
"""Of the recipe, its checkpoint, its log and the folder of its sample sheets."""
SIGMAS = (0.2, 0.5, 0.8)
"""At which the loss of clips held back is measured."""
RATES = DropRates(text=0.1, picture=0.5, image=0.5)


@dataclass(frozen=True)
class BaseRun:
    size: TransformerConfig = NANO.transformer
    shift: float = NANO.shift
    tokens: int = 4 * 720
    """Of a step, about: four clips of 17 frames of 256x144."""
    rates: DropRates = RATES
    steps: int = 1000
    rate: float = 2e-3
    warmup: int = 50
    decay: float = 0.01
    ema: float = 0.995
    held: int = 4
    """Batches held back on which each report is made."""
    sampled: int = 3
    """Clips held back whose captions and first frames the sample sheets go by."""
    sample_steps: int = 20
    report_every: int = 50
    save_every: int = 250
    """A sample sheet each time as well."""


def base_run(device: torch.device) -> BaseRun:
    """The run for a device: an accelerator takes sixteen times as much at a step, and more of them."""
    return BaseRun() if device.type == "cpu" else BaseRun(tokens=64 * 720, steps=10_000, ema=0.999)


@dataclass(frozen=True)
class Progress:
    step: int
    loss: float
    """Mean since the last report."""
    held_low: float
    held_middle: float
    held_high: float
    """Losses of the averaged weights on clips held back, at each of `SIGMAS`."""


class BaseTraining:
    """State of one training: latents, network, and where results go."""

    def __init__(
        self,
        run: BaseRun,
        transformer: WanTransformer3DModel,
        device: torch.device,
        output: Path,
        group: Group | None = None,
    ) -> None:
        group = group or Group()
        self.run, self._output = run, output
        self._found, self._held = examples("train"), examples("held")
        features_BLD, _ = embedded_text_encoder().features([""])
        self._empty_LD = features_BLD[0]
        context = Context()
        attach_attention(transformer, context)
        self.transformer, self.velocity = transformer, Velocity(transformer, context)
        self._autoencoder = Autoencoder(load_vae(weights_file(VAE))).to(device)
        # Every process has all of it: it is small, and Muon takes whole matrices.
        self.trained = Learner(transformer, device, run.decay, run.ema, group, "muon")

    def advance(self) -> tuple[float, ...]:
        """See `impasto.training.loop.Training`."""
        run, learner = self.run, self.trained
        step, generator = learner.step, learner.generator()
        batch = draw(self._found, np.random.default_rng(step), run.tokens, self._empty_LD)
        sigmas_B = sample_sigmas(len(batch.latents), run.shift, generator)
        loss = self._loss(batch, sigmas_B, generator)
        learner.descend(loss, warmed_cosine(step, run.rate, run.warmup, run.steps))
        return (learner.group.mean(loss.detach()).item(),)

    def report(self, *losses: float) -> Progress:
        """See `impasto.training.loop.Training`."""
        with self.trained.averaged():
            rows = [[self._held_loss(number, sigma) for sigma in SIGMAS] for number in range(self.run.held)]
        return Progress(self.trained.step, *losses, *np.mean(rows, axis=0).tolist())

    def save(self) -> None:
        """Write the averaged weights, and a sheet of what they make of clips held back."""
        with self.trained.averaged():
            clips = self._samples()
            if not self.trained.group.first:
                return
            save_part(self.transformer, self._output)
            folder = cache_dir() / "training" / NAME
            folder.mkdir(exist_ok=True)
            write_sheet(folder / f"{self.trained.step:06d}", clips)

    def _held_loss(self, number: int, sigma: float) -> float:
        """Of one batch at one noise level; chance hangs on the number alone."""
        generator = torch.Generator().manual_seed(number)
        batch = draw(self._held, np.random.default_rng(number), self.run.tokens, self._empty_LD)
        loss = self._loss(batch, torch.full((len(batch.latents),), sigma), generator)
        return self.trained.group.mean(loss).item()

    def _loss(self, batch: Batch, sigmas_B: Tensor, generator: torch.Generator) -> Tensor:
        """Of this process's share of a batch, weighted so that the mean over the processes is the loss of the batch."""
        device, group = self.trained.device, self.trained.group
        share, weight = group.share(len(batch.latents)), group.weight(len(batch.latents))
        # Chance is drawn on the CPU and for the whole batch, so that it is the same on every device and in every group.
        noise = torch.randn(batch.latents.shape, generator=generator)[share].to(device)
        batch = Batch(batch.latents, dropped(batch.conditions, self.run.rates, generator)).part(share).to(device)
        latents, sigmas_B = batch.latents, sigmas_B[share].to(device)
        with self.trained.autocast():
            velocity = self.velocity(noised(latents, noise, sigmas_B), sigmas_B, batch.conditions)
        return weight * F.mse_loss(velocity, target(latents, noise))

    def _samples(self) -> list[Tensor]:
        """What the averaged weights make of clips held back; every process makes all."""
        shape = max(one.shape for one in self._held)  # of the longest
        alike = [one for one in self._held if one.shape == shape][: self.run.sampled]
        batch = batch_of(alike, [0] * len(alike), shape[0], self._empty_LD).to(self.trained.device)
        with self.trained.autocast():
            clips = sampled(self.velocity, batch, self.run.shift, self.run.sample_steps)
        return [self._autoencoder.decode(clip) for clip in clips]


def train(run: BaseRun | None = None, output: Path = EMBEDDED / BASE) -> Iterator[Progress]:
    """Train to the last step; writes `output` and a sample sheet with every checkpoint.

    Raises:
        InputError: there are no latents.
        ModelError: embedded weights are missing, or `output` is there and broken.
    """
    keep_freed_memory()
    group = Group()
    device = group.device
    run = run or base_run(device)
    names = [file.name for part in ("train", "held") for file in shard_files(latents_folder(), part, LATENTS)]
    transformer = load_base(output) if output.exists() else new_base(run.size)
    if not is_of_size(transformer, run.size):
        transformer = new_base(run.size)
    training = BaseTraining(run, transformer, device, output, group)
    schedule = Schedule(steps=run.steps, report_every=run.report_every, save_every=run.save_every)
    yield from go_through(training, schedule, NAME, f"{run} {latents_folder().name} {names}", training.save)


def new_base(size: TransformerConfig) -> WanTransformer3DModel:
    """A transformer that has learned nothing."""
    torch.manual_seed(0)
    return size.build()
