"""Recipe of the VAE of the nano base: Wan's autoencoder, a fiftieth of its size.

Run: `impasto train nano-vae`, after `nano-clips`. Goes on from its checkpoint in the cache folder, else from the
embedded weights, else from nothing. Learns on pictures first, then on short clips.

Losses as Wan's (Wan 2025, section 4.1): absolute error, perceptual distance, divergence from the normal distribution;
beside them the absolute error of the changes from frame to frame.

`impasto train nano-decoder`, after it, is for the decoder alone, so that latents stay what they are: it learns to paint
the texture that they only hint at, and to take away noise, since latents that a small base samples have some left.

Legend: B clips, C channels, T frames, H height, W width.
"""

import copy
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import torch
import torch.nn.functional as F
from diffusers.models.autoencoders.autoencoder_kl_wan import AutoencoderKLWan
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from torch import Tensor, nn

from impasto.diffusion.configs import NANO, AutoencoderConfig
from impasto.diffusion.embedded import VAE, is_of_size, load_vae, save_part
from impasto.diffusion.vaelayers import compute_as_pictures
from impasto.perception.encoder import embedded_encoder
from impasto.training.group import Group
from impasto.training.loop import Schedule, go_through
from impasto.training.nano.frames import clip_files, crops, kept_clips, whole_clips
from impasto.training.nano.learner import Learner
from impasto.training.nano.unfolding import begin_with_pictures
from impasto.training.nano.vaeloss import information, motion_error, perceptual_distance, seen_by, texture_distance
from impasto.training.schedule import warmed_cosine
from impasto.weights.memory import keep_freed_memory
from impasto.weights.paths import EMBEDDED

BEGIN_LOGVAR = -6.0
"""Of the latents of a VAE that has learned nothing: they are weak, and noise of deviation 1 would drown them."""


@dataclass(frozen=True)
class Stage:
    """Steps on crops of one size."""

    steps: int
    frames: int
    side: int
    batch: int


@dataclass(frozen=True)
class VaeRun:
    size: AutoencoderConfig = NANO.autoencoder
    stages: tuple[Stage, ...] = (
        Stage(1000, 1, 64, 8),
        Stage(500, 5, 64, 4),
        Stage(500, 9, 64, 4),
        Stage(1300, 17, 64, 2),
    )
    """To the length that is used: what the convolutions remember of earlier frames goes astray after those seen."""
    name: str = "nano-vae"
    """Of the recipe, its checkpoint and its log."""
    learns: Literal["all", "decoder"] = "all"
    rate: float = 2e-3
    warmup: int = 50
    decay: float = 0.01
    ema: float = 0.998
    perceptual_weight: float = 0.1
    perceptual_frames: int = 1
    """Of each clip, at random, that the encoder looks at: it costs as much as the VAE."""
    texture_weight: float = 0.0
    motion_weight: float = 0.5
    information_weight: float = 1e-4
    latent_noise: float = 0.0
    """Of what a decoder that learns alone is given: at most, in deviations of the latents."""
    measured: int = 64
    """Clips of which the latents' mean and deviation are taken."""
    held: int = 6
    """Clips held back that are rebuilt for each report."""
    report_every: int = 100
    save_every: int = 500

    @property
    def steps(self) -> int:
        return sum(stage.steps for stage in self.stages)


DECODER = VaeRun(
    name="nano-decoder",
    learns="decoder",
    stages=(Stage(300, 17, 64, 2),),
    rate=1.5e-3,
    warmup=5,
    ema=0.95,
    perceptual_frames=3,
    texture_weight=0.6,
    latent_noise=0.4,
)


def for_device(run: VaeRun, device: torch.device) -> VaeRun:
    """The run on a device: an accelerator takes eight times as much at a step."""
    if device.type == "cpu":
        return run
    return replace(run, stages=tuple(replace(stage, batch=8 * stage.batch) for stage in run.stages))


@dataclass(frozen=True)
class Progress:
    step: int
    error: float
    perceptual: float
    texture: float
    motion: float
    information: float
    """Losses, means since the last report."""
    psnr_held: float
    """Of whole clips held back, rebuilt with the averaged weights; decibels."""


class VaeTraining:
    """State of one training: clips, network, and where the result goes."""

    def __init__(
        self, run: VaeRun, vae: AutoencoderKLWan, device: torch.device, output: Path, group: Group | None = None
    ) -> None:
        self.run, self.vae, self._output = run, vae, output
        self._clips, self._held = kept_clips("train"), kept_clips("held")
        self._encoder = copy.deepcopy(embedded_encoder()).to(device)
        learning = vae if run.learns == "all" else nn.ModuleList([vae.post_quant_conv, vae.decoder])
        nn.Module.to(vae, device)
        # Every process has all of it: it is small.
        self.trained = Learner(learning, device, run.decay, run.ema, group, "muon")
        self._of_clips = [value for name, value in learning.named_parameters() if ".time_conv." in name]

    def advance(self) -> tuple[float, ...]:
        """See `impasto.training.loop.Training`."""
        run, learner = self.run, self.trained
        step, stage = learner.step, self._stage()
        rng, generator = np.random.default_rng(step), learner.generator()
        share, weight = learner.group.share(stage.batch), learner.group.weight(stage.batch)
        frames = crops(self._clips, rng, stage.batch, stage.frames, stage.side)[share].to(learner.device)
        seen = torch.from_numpy(rng.permutation(stage.frames)[: run.perceptual_frames])
        with learner.autocast():
            with torch.set_grad_enabled(run.learns == "all"):
                latents = posterior(self.vae, frames)
            # For the whole batch, so that chance is the same in every group.
            noise = torch.randn(stage.batch, *latents.mean.shape[1:], generator=generator)[share].to(latents.mean)
            noisy = latents.mean + self._deviation(latents, rng, stage.batch, share) * noise
            rebuilt = self.vae.decode(noisy, return_dict=False)[0].float()
            pictures = (x[:, :, seen].transpose(1, 2).flatten(0, 1) for x in (rebuilt, frames))
            features = seen_by(self._encoder, *pictures)
            losses = (
                F.l1_loss(rebuilt, frames),
                perceptual_distance(features),
                texture_distance(features),
                motion_error(rebuilt, frames),
                information(latents),
            )
        weights = (1.0, run.perceptual_weight, run.texture_weight, run.motion_weight, run.information_weight)
        loss = torch.stack([weight * value for weight, value in zip(weights, losses, strict=True)]).sum()
        # Adam's checkpoint knows one number of steps for all weights: what pictures do not use has a gradient of zero.
        loss = loss + 0 * torch.stack([value.sum() for value in self._of_clips]).sum()
        learner.descend(weight * loss, warmed_cosine(step, run.rate, run.warmup, run.steps))
        return tuple(learner.group.mean(weight * torch.stack(losses).detach()).tolist())

    def report(self, *losses: float) -> Progress:
        """See `impasto.training.loop.Training`."""
        clips = whole_clips([clip for clip in self._held if clip.shape[0] > 1][: self.run.held])
        with self.trained.averaged(), self.trained.autocast():
            psnr = rebuilding(self.vae, clips)
        return Progress(self.trained.step, *losses, psnr_held=psnr)

    def save(self) -> None:
        """Write the averaged weights, with the mean and the deviation of the latents that they give."""
        with self.trained.averaged(), self.trained.autocast():
            if self.run.learns == "all":
                mean, deviation = latent_statistics(self.vae, whole_clips(self._clips[: self.run.measured]))
                self.vae.register_to_config(latents_mean=mean, latents_std=deviation)
            if self.trained.group.first:
                save_part(self.vae, self._output)

    def _deviation(
        self, latents: DiagonalGaussianDistribution, rng: np.random.Generator, batch: int, share: slice
    ) -> Tensor:
        """Of the noise that is put on the latents."""
        if self.run.learns == "all":
            return latents.std
        own_1C111 = latents.mean.new_tensor(self.vae.config["latents_std"]).view(1, -1, 1, 1, 1)
        much_B = torch.from_numpy(rng.uniform(0, self.run.latent_noise, batch))[share].to(own_1C111)
        return much_B.view(-1, 1, 1, 1, 1) * own_1C111

    def _stage(self) -> Stage:
        left = self.trained.step
        for stage in self.run.stages:
            if left < stage.steps:
                return stage
            left -= stage.steps
        return self.run.stages[-1]


def posterior(vae: AutoencoderKLWan, frames_BCTHW: Tensor) -> DiagonalGaussianDistribution:
    """What a VAE takes frames in [-1, 1] for."""
    return vae.encode(frames_BCTHW, return_dict=False)[0]  # pyright: ignore[reportReturnType]


@torch.no_grad()
def rebuilding(vae: AutoencoderKLWan, clips: Iterable[Tensor]) -> float:
    """Peak signal-to-noise ratio, the mean over clips [1, 3, T, H, W] in [-1, 1] that are coded and decoded; decibels.

    Sizes are multiples of 8, and frames 4n+1.
    """
    errors = []
    for frames in clips:
        frames = frames.to(vae.device)
        rebuilt = vae.decode(posterior(vae, frames).mode(), return_dict=False)[0]
        errors.append(F.mse_loss(rebuilt.float(), frames).item() / 4)  # the range is 2
    return float(np.mean([-10 * math.log10(max(error, 1e-12)) for error in errors]))


@torch.no_grad()
def latent_statistics(vae: AutoencoderKLWan, clips: Iterable[Tensor]) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each channel of the latents of clips, as the library's configuration has them."""
    count, total, squares = 0, 0.0, 0.0
    for frames in clips:
        latent_CN = posterior(vae, frames.to(vae.device)).mode()[0].flatten(1).double()
        count += latent_CN.shape[1]
        total, squares = total + latent_CN.sum(1), squares + latent_CN.square().sum(1)
    mean = torch.as_tensor(total) / count
    return mean.tolist(), (torch.as_tensor(squares) / count - mean.square()).sqrt().tolist()


def new_vae(size: AutoencoderConfig) -> AutoencoderKLWan:
    """A VAE that has learned nothing."""
    torch.manual_seed(0)
    vae = size.build()
    compute_as_pictures(vae)
    begin_with_pictures(vae)
    with torch.no_grad():
        vae.quant_conv.bias[size.z_dim :] = BEGIN_LOGVAR  # pyright: ignore[reportOptionalSubscript]
    return vae


def train(run: VaeRun | None = None, output: Path = EMBEDDED / VAE) -> Iterator[Progress]:
    """Train to the last step; writes `output` with every checkpoint.

    Raises:
        InputError: there are no clips.
        ModelError: `output` is there and broken.
    """
    keep_freed_memory()
    group = Group()
    device = group.device
    run = for_device(run or VaeRun(), device)
    key = f"{run} {[file.name for part in ('train', 'held') for file in clip_files(part)]}"
    vae = load_vae(output) if output.exists() else new_vae(run.size)
    if not is_of_size(vae, run.size):
        vae = new_vae(run.size)
    training = VaeTraining(run, vae, device, output, group)
    schedule = Schedule(steps=run.steps, report_every=run.report_every, save_every=run.save_every)
    yield from go_through(training, schedule, run.name, key, training.save)
