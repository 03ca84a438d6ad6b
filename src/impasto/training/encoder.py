"""Recipe of the embedded encoder: distil the teacher's features into a network of our own.

Each convolution is also led towards the teacher's at the same place, through a 1x1 map that only the training has
(Romero 2015, "FitNets"), and a share of the pictures is painted to deceive it (impasto.training.adaptations).

Run: `impasto train encoder`. Goes on from its checkpoint in the cache folder, else from the embedded weights, else from
nothing.
"""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from impasto.perception.encoder import WEIGHTS, Encoder, EncoderConfig, load_encoder, save_encoder
from impasto.perception.statistics import style_distance, style_statistics
from impasto.perception.teacher import Teacher
from impasto.training.adaptations import Adaptations
from impasto.training.pictures import batch, random_crop, read_folder
from impasto.weights.memory import channels_last, keep_freed_memory
from impasto.weights.paths import EMBEDDED, assets_dir, cache_dir
from impasto.weights.precision import autocast


@dataclass(frozen=True)
class EncoderRun:
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    steps: int = 5000
    batch_size: int = 6
    painted: int = 3
    """Pictures of a step, besides those of the batch, that an adaptation paints."""
    crop: int = 128
    rate: float = 1e-3
    hint_weight: float = 0.5
    statistics_weight: float = 5.0
    warmup: int = 100
    save_every: int = 500
    output: Path = EMBEDDED / WEIGHTS


@dataclass(frozen=True)
class Progress:
    step: int
    loss: float
    relative_errors: tuple[float, ...]
    """|student - teacher| / |teacher| of the five layers, on photos and paintings."""
    painted_errors: tuple[float, ...]
    """The same on what adaptations painted."""
    statistics: tuple[float, float]
    """Style distance of student and teacher on the same pictures: of photos and paintings, of painted ones."""


def colour_jitter(rgb_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Half the pictures with random gains, offsets and gamma, so that odd palettes are seen too."""
    n = rgb_BCHW.shape[0]
    gain, offset, gamma = (torch.rand(n, 3, 1, 1, generator=generator) for _ in range(3))
    changed = (rgb_BCHW.clamp(min=1e-3) ** (0.6 + gamma) * (0.6 + 0.8 * gain) + 0.3 * (offset - 0.5)).clamp(0, 1)
    keep = torch.rand(n, 1, 1, 1, generator=generator) < 0.5
    return torch.where(keep, rgb_BCHW, changed)


def feature_scales(features: list[Tensor]) -> list[Tensor]:
    """1 / typical size of each channel [1, C, 1, 1], so that quiet channels count; floored in proportion."""
    scales = []
    for layer in features:
        rms = layer.square().mean((0, 2, 3), keepdim=True).sqrt()
        scales.append(1 / rms.clamp(min=0.2 * rms.square().mean().sqrt()))
    return scales


def scaled_error(features: list[Tensor], targets: list[Tensor], scales: list[Tensor]) -> Tensor:
    """Sum over layers of the mean squared error, channels brought to one size."""
    losses = [
        F.mse_loss(f * s.to(f.dtype), t * s.to(t.dtype)) for f, t, s in zip(features, targets, scales, strict=True)
    ]
    return torch.stack([term.float() for term in losses]).sum()


def relative_errors(features: list[Tensor], targets: list[Tensor], part: slice) -> tuple[float, ...]:
    pairs = [(f[part].float(), t[part].float()) for f, t in zip(features, targets, strict=True)]
    return tuple(round(((f - t).norm() / t.norm()).item(), 4) for f, t in pairs)


def hint_maps(encoder: Encoder, teacher: Teacher) -> nn.ModuleList:
    """For each 3x3 convolution of the encoder a 1x1 map to the channels of the teacher's at the same place."""
    trunks: list[list[Tensor]] = [[], []]
    with torch.no_grad():
        for net, trunk in zip((encoder, teacher), trunks, strict=True):
            net(torch.zeros(1, 3, 32, 32), trunk=trunk)
    return nn.ModuleList(nn.Conv2d(ours.shape[1], theirs.shape[1], 1) for ours, theirs in zip(*trunks, strict=True))


def train(run: EncoderRun) -> Iterator[Progress]:
    """Train and yield progress every 50 steps; writes `run.output` every `save_every` steps and at the end."""
    keep_freed_memory()
    torch.manual_seed(0)
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    photos, paintings = read_folder(assets_dir() / "photos"), read_folder(assets_dir() / "styles")
    pool = photos + paintings
    adaptations = Adaptations(photos, pool, rng, run.crop)
    teacher = channels_last(Teacher())
    encoder = channels_last(Encoder(run.encoder))
    if run.output.exists() and (shipped := load_encoder(run.output)).config == run.encoder:
        encoder.load_state_dict(shipped.state_dict())
    hints = hint_maps(encoder, teacher)
    optimizer = torch.optim.Adam(encoder.parameters(), lr=run.rate, betas=(0.9, 0.99))
    optimizer.add_param_group({"params": list(hints.parameters())})

    def crops(count: int) -> Tensor:
        chosen = [pool[int(i)] for i in rng.integers(0, len(pool), count)]
        pixels = torch.from_numpy(batch([random_crop(p, run.crop, rng, (160, 320)) for p in chosen]))
        return colour_jitter(pixels, generator).contiguous(memory_format=torch.channels_last)

    with torch.no_grad():
        trunk: list[Tensor] = []
        scales = feature_scales(teacher(crops(64), trunk=trunk))
        hint_scales = feature_scales(trunk)

    def trained() -> Iterator[tuple[str, torch.nn.Parameter]]:
        yield from encoder.named_parameters()
        yield from hints.named_parameters(prefix="hints")

    checkpoint = cache_dir() / "training" / "encoder.safetensors"
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    first = 0
    if checkpoint.exists():
        state = load_file(checkpoint)
        first = int(state.pop("step"))
        for name, parameter in trained():
            parameter.data.copy_(state[name])
            optimizer.state[parameter] = {
                "step": torch.tensor(float(first)),
                "exp_avg": state[f"{name}/m"],
                "exp_avg_sq": state[f"{name}/v"],
            }
    log = (cache_dir() / "training" / "encoder.jsonl").open("a")
    started = time.monotonic()
    for step in range(first, run.steps):
        done = max(0.0, (step - run.warmup) / (run.steps - run.warmup))
        rate = run.rate * min(1.0, (step + 1) / run.warmup) * (0.5 + 0.5 * math.cos(math.pi * done))
        for group in optimizer.param_groups:
            group["lr"] = rate
        natural = crops(run.batch_size)
        pixels = torch.cat([natural, adaptations.paint(encoder, run.painted)])
        pixels = pixels.contiguous(memory_format=torch.channels_last)
        trunk, wanted_trunk = [], []
        with autocast():
            with torch.no_grad():
                targets = teacher(pixels, first_stride=2, trunk=wanted_trunk)
            features = encoder(pixels, first_stride=2, trunk=trunk)
            hinted = [to_teacher(x) for to_teacher, x in zip(hints, trunk, strict=True)]
            loss = scaled_error(features, targets, scales)
            loss = loss + run.hint_weight * scaled_error(hinted, wanted_trunk, hint_scales)
        wrong = style_distance(style_statistics(features), style_statistics(targets))
        loss = loss + run.statistics_weight * wrong.mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 5.0)
        optimizer.step()
        if (step + 1) % 50 == 0:
            with torch.no_grad():
                parts = (slice(run.batch_size), slice(run.batch_size, None))
                errors, painted_errors = (relative_errors(features, targets, part) for part in parts)
            statistics = (round(wrong[parts[0]].mean().item(), 4), round(wrong[parts[1]].mean().item(), 4))
            progress = Progress(step + 1, loss.item(), errors, painted_errors, statistics)
            log.write(json.dumps(vars(progress) | {"seconds": round(time.monotonic() - started)}) + "\n")
            log.flush()
            yield progress
        if (step + 1) % run.save_every == 0 or step + 1 == run.steps:
            state = {"step": torch.tensor(step + 1)}
            for name, parameter in trained():
                moments = optimizer.state[parameter]
                state |= {name: parameter.data, f"{name}/m": moments["exp_avg"], f"{name}/v": moments["exp_avg_sq"]}
            save_file({k: v.contiguous() for k, v in state.items()}, checkpoint)
            save_encoder(encoder, run.output)
