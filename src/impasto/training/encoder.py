"""Recipe of the embedded encoder: distil the teacher's features into a network of our own.

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
from torch import Tensor

from impasto.perception.encoder import WEIGHTS, Encoder, EncoderConfig, load_encoder, save_encoder
from impasto.perception.teacher import Teacher
from impasto.training.pictures import batch, random_crop, read_folder
from impasto.weights.memory import channels_last, keep_freed_memory
from impasto.weights.paths import EMBEDDED, assets_dir, cache_dir


@dataclass(frozen=True)
class EncoderRun:
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    steps: int = 5000
    batch_size: int = 8
    crop: int = 128
    rate: float = 2e-3
    warmup: int = 100
    save_every: int = 500
    output: Path = EMBEDDED / WEIGHTS


@dataclass(frozen=True)
class Progress:
    step: int
    loss: float
    relative_errors: tuple[float, ...]
    """|student - teacher| / |teacher| of the five layers."""


def colour_jitter(rgb_BCHW: Tensor, generator: torch.Generator) -> Tensor:
    """Half the pictures with random gains, offsets and gamma, so that odd palettes are seen too."""
    n = rgb_BCHW.shape[0]
    gain, offset, gamma = (torch.rand(n, 3, 1, 1, generator=generator) for _ in range(3))
    changed = (rgb_BCHW.clamp(min=1e-3) ** (0.6 + gamma) * (0.6 + 0.8 * gain) + 0.3 * (offset - 0.5)).clamp(0, 1)
    keep = torch.rand(n, 1, 1, 1, generator=generator) < 0.5
    return torch.where(keep, rgb_BCHW, changed)


def feature_scales(teacher: Teacher, crops_BCHW: Tensor) -> list[Tensor]:
    """1 / typical size of each channel [1, C, 1, 1], so that quiet channels count; floored in proportion."""
    scales = []
    for layer in teacher(crops_BCHW):
        rms = layer.square().mean((0, 2, 3), keepdim=True).sqrt()
        scales.append(1 / rms.clamp(min=0.2 * rms.square().mean().sqrt()))
    return scales


def train(run: EncoderRun) -> Iterator[Progress]:
    """Train and yield progress every 50 steps; writes `run.output` every `save_every` steps and at the end."""
    keep_freed_memory()
    torch.manual_seed(0)
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    pool = read_folder(assets_dir() / "photos") + read_folder(assets_dir() / "styles")
    teacher = channels_last(Teacher())
    encoder = channels_last(Encoder(run.encoder))
    if run.output.exists() and (shipped := load_encoder(run.output)).config == run.encoder:
        encoder.load_state_dict(shipped.state_dict())
    optimizer = torch.optim.AdamW(encoder.parameters(), lr=run.rate, weight_decay=0.0, betas=(0.9, 0.99))

    def crops(count: int) -> Tensor:
        chosen = [pool[int(i)] for i in rng.integers(0, len(pool), count)]
        pixels = torch.from_numpy(batch([random_crop(p, run.crop, rng, (160, 320)) for p in chosen]))
        return colour_jitter(pixels, generator).contiguous(memory_format=torch.channels_last)

    with torch.no_grad():
        scales = feature_scales(teacher, crops(64))
    checkpoint = cache_dir() / "training" / "encoder.safetensors"
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    first = 0
    if checkpoint.exists():
        state = load_file(checkpoint)
        first = int(state.pop("step"))
        for name, parameter in encoder.named_parameters():
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
        pixels = crops(run.batch_size)
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                targets = teacher(pixels, first_stride=2)
            features = encoder(pixels, first_stride=2)
            losses = [
                F.mse_loss(f * s.to(f.dtype), t * s.to(t.dtype))
                for f, t, s in zip(features, targets, scales, strict=True)
            ]
        loss = torch.stack([term.float() for term in losses]).sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(encoder.parameters(), 5.0)
        optimizer.step()
        if (step + 1) % 50 == 0:
            with torch.no_grad():
                errors = [
                    ((f - t).float().norm() / t.float().norm()).item() for f, t in zip(features, targets, strict=True)
                ]
            row = {"step": step + 1, "loss": loss.item(), "errors": errors, "seconds": time.monotonic() - started}
            log.write(json.dumps(row) + "\n")
            log.flush()
            yield Progress(step + 1, loss.item(), tuple(errors))
        if (step + 1) % run.save_every == 0 or step + 1 == run.steps:
            state = {"step": torch.tensor(step + 1)}
            for name, parameter in encoder.named_parameters():
                moments = optimizer.state[parameter]
                state |= {name: parameter.data, f"{name}/m": moments["exp_avg"], f"{name}/v": moments["exp_avg_sq"]}
            save_file({k: v.contiguous() for k, v in state.items()}, checkpoint)
            save_encoder(encoder, run.output)
