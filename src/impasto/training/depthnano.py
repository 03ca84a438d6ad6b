"""Recipe of the depth network: inverse depth of rendered scenes, up to scale and offset, on the embedded encoder.

Run: `impasto train depth-nano`. It renders its own scenes, once, a shard at a time.

Legend: B pictures, H height, W width.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from impasto.perception.control.depthnano import DepthConfig, DepthNano, features_of, save_depth_nano
from impasto.perception.control.published import DEPTH_NANO
from impasto.perception.encoder import WEIGHTS as ENCODER
from impasto.scenes.scene import render
from impasto.scenes.world.chance import random_scene
from impasto.training.csdpictures import Progress as Made
from impasto.training.loop import Schedule, go_through
from impasto.training.nano.learner import Learner
from impasto.training.nano.shards import Part, content_key, shard_files, shard_folder, write_shard
from impasto.training.schedule import warmed_cosine
from impasto.weights.paths import EMBEDDED, weights_file

RECIPE = "depth-nano"
FIRST_SEED = 500_000
"""Of the scenes; those of clips are below, those of style pictures above."""
SECONDS = 2
CPU = torch.device("cpu")


@dataclass(frozen=True)
class DepthRun:
    scenes: int = 480
    held: int = 32
    """Further scenes, that are not learned from."""
    moments: int = 2
    """Pictures of each scene."""
    size: tuple[int, int] = (144, 256)
    shard: int = 32
    steps: int = 1500
    batch: int = 8
    rate: float = 2e-3
    warmup: int = 50
    decay: float = 0.01
    ema: float = 0.99
    edges: float = 0.5
    """Weight of the differences of neighbours."""
    seed: int = 0
    net: DepthConfig = field(default_factory=DepthConfig)


@dataclass(frozen=True)
class Progress:
    step: int
    loss: float
    """Mean since the last report."""
    held: float
    """Correlation of the averaged weights' inverse depth with the true one, in pictures held back."""


@dataclass(frozen=True)
class Pictures:
    rgb: Tensor
    """uint8 [B, H, W, 3]"""
    inverse: Tensor
    """Inverse depth, [B, H, W]."""

    def some(self, chosen: np.ndarray) -> tuple[Tensor, Tensor]:
        """RGB [B, 3, H, W] in [0, 1], and inverse depth [B, H, W]."""
        picked = torch.from_numpy(chosen)
        return self.rgb[picked].permute(0, 3, 1, 2).float() / 255, self.inverse[picked].float()


def make_pictures(run: DepthRun) -> Iterator[Made]:
    """Render the shards that are not there yet; yields after each."""
    wanted = _shards(run)
    for number, (path, seeds) in enumerate(wanted, 1):
        if not path.exists():
            rows = [_rendered(seed, run) for seed in seeds]
            tensors = {name: torch.from_numpy(np.concatenate(parts)) for name, parts in zip(
                ("rgb", "inverse"), zip(*rows, strict=True), strict=True)}  # fmt: skip
            write_shard(path, tensors, {})
            yield Made(number, len(wanted), path.stem)


def read_pictures(run: DepthRun, part: Part) -> Pictures:
    """All of a part; raises `InputError` where there are none."""
    there = set(shard_files(_folder(run), part, RECIPE))
    found = [load_file(path) for path, _ in _shards(run) if path in there]
    return Pictures(torch.cat([one["rgb"] for one in found]), torch.cat([one["inverse"] for one in found]))


class DepthTraining:
    """See `impasto.training.loop.Training`."""

    def __init__(self, run: DepthRun, found: Pictures, held: Pictures) -> None:
        torch.manual_seed(run.seed)
        self.run, self.net = run, DepthNano(run.net)
        self._found, self._held = found, held
        self.trained = Learner(self.net, CPU, run.decay, run.ema)

    def advance(self) -> tuple[float]:
        """One step; gives its loss."""
        run, rng = self.run, np.random.default_rng([self.run.seed, self.trained.step])
        rgb, inverse = self._found.some(rng.integers(len(self._found.rgb), size=run.batch))
        if rng.random() < 0.5:
            rgb, inverse = rgb.flip(3), inverse.flip(2)
        loss = depth_loss(self.net(features_of(varied(rgb, rng))), halved(inverse), run.edges)
        self.trained.descend(loss, warmed_cosine(self.trained.step, run.rate, run.warmup, run.steps))
        return (loss.item(),)

    def report(self, *losses: float) -> Progress:
        found = []
        with self.trained.averaged():
            for start in range(0, len(self._held.rgb), self.run.batch):
                stop = min(start + self.run.batch, len(self._held.rgb))
                rgb, inverse = self._held.some(np.arange(start, stop))
                pair = (standard(one) for one in (self.net(features_of(rgb)), halved(inverse)))
                guess, truth = pair
                found += (guess * truth).mean((1, 2)).tolist()
        return Progress(self.trained.step, *losses, held=float(np.mean(found)))

    def save(self, output: Path) -> None:
        with self.trained.averaged():
            save_depth_nano(self.net, output)


def depth_loss(guess_BHW: Tensor, truth_BHW: Tensor, edges: float) -> Tensor:
    """How far inverse depth is from the true one, whatever scale and offset, and its differences at three sizes.

    Scale and offset are deviation and mean; Ranftl 2020 has them by median and mean absolute deviation.
    """
    guess, truth = standard(guess_BHW), standard(truth_BHW)
    loss = (guess - truth).abs().mean()
    wrong = guess - truth
    for _ in range(3):
        steps = [(wrong[:, 1:] - wrong[:, :-1]).abs().mean(), (wrong[..., 1:] - wrong[..., :-1]).abs().mean()]
        loss = loss + edges * torch.stack(steps).sum()
        wrong = halved(wrong)
    return loss


def standard(values_BHW: Tensor) -> Tensor:
    """Each picture with mean 0 and deviation 1."""
    mean, deviation = values_BHW.mean((1, 2), keepdim=True), values_BHW.std((1, 2), keepdim=True)
    return (values_BHW - mean) / (deviation + 1e-4)


def halved(values_BHW: Tensor) -> Tensor:
    """At half the size."""
    return F.avg_pool2d(values_BHW[:, None], 2)[:, 0]


def varied(rgb_BCHW: Tensor, rng: np.random.Generator) -> Tensor:
    """In other light: brightness and contrast, a tint, now and then gray."""
    gain = torch.from_numpy(rng.uniform(0.7, 1.3, (1, 3, 1, 1))).float()
    power, offset = float(rng.uniform(0.7, 1.4)), float(rng.uniform(-0.1, 0.1))
    if rng.random() < 0.2:
        rgb_BCHW = rgb_BCHW.mean(1, keepdim=True).expand_as(rgb_BCHW)
    return (rgb_BCHW**power * gain + offset).clamp(0, 1)


def train(run: DepthRun | None = None, output: Path = EMBEDDED / DEPTH_NANO) -> Iterator[Made | Progress]:
    """Render what is not rendered yet, then train; writes `output` with every checkpoint.

    Raises:
        ModelError: the embedded encoder is missing.
    """
    run = run or DepthRun()
    yield from make_pictures(run)
    training = DepthTraining(run, read_pictures(run, "train"), read_pictures(run, "held"))
    key = f"{run} {content_key([weights_file(ENCODER)])}"
    schedule = Schedule(steps=run.steps)
    yield from go_through(training, schedule, RECIPE, key, lambda: training.save(output))


def _folder(run: DepthRun) -> Path:
    return shard_folder(f"{RECIPE}-{content_key([], run.size, run.moments, run.seed)}")


def _shards(run: DepthRun) -> list[tuple[Path, range]]:
    """Where each shard is, and the seeds of its scenes."""
    found = []
    parts: tuple[tuple[Part, int, int], ...] = (("held", 0, run.held), ("train", run.held, run.held + run.scenes))
    for part, start, stop in parts:
        for first in range(start, stop, run.shard):
            seeds = range(FIRST_SEED + first, FIRST_SEED + min(first + run.shard, stop))
            found.append((_folder(run) / f"{first:05d}-{len(seeds)}-{part}-0000.safetensors", seeds))
    return found


def _rendered(seed: int, run: DepthRun) -> tuple[np.ndarray, np.ndarray]:
    scene = random_scene(seed, run.size, SECONDS)
    times = np.random.default_rng([run.seed, seed]).uniform(0, SECONDS, run.moments)
    seen = [render(scene, float(time)) for time in times]
    return (
        np.stack([(255 * one.rgb).round().astype(np.uint8) for one in seen]),
        np.stack([(1 / one.depth).astype(np.float16) for one in seen]),
    )
