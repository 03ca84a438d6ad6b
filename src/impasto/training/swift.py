"""Recipe of `swift`: one network that repaints a frame in the style of any picture.

Run: `impasto train swift`. Goes on from its checkpoint in the cache folder, else from the embedded weights, else from
nothing.

Legend: S styles a step, N frames of each, so B = S * N.
"""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from impasto.color.transport import apply, color_statistics, transport
from impasto.losses.temporal import temporal_loss
from impasto.motion.flow import DisFlow
from impasto.motion.warp import warp_tensor
from impasto.perception.statistics import content_distance, style_distance, style_statistics
from impasto.perception.teacher import Teacher
from impasto.stylizers.feedforward.code import split_layers
from impasto.stylizers.feedforward.network import Predictor, PredictorConfig, grow, repaint, soft_clamp
from impasto.stylizers.feedforward.objective import random_window
from impasto.stylizers.feedforward.optimizer import Optimizer
from impasto.stylizers.feedforward.weights import SWIFT, load_predictor, save_predictor
from impasto.training.checkpoint import restore, snapshot
from impasto.training.pictures import batch, random_crop, read_folder
from impasto.training.schedule import warmed_cosine
from impasto.training.shotpairs import FramePair, random_pair, read_clip
from impasto.training.stylebank import StyleBank, style_bank
from impasto.weights.memory import channels_last, keep_freed_memory
from impasto.weights.paths import EMBEDDED, assets_dir, cache_dir
from impasto.weights.precision import autocast

PHOTO_SIDES = (192, 400)
"""Short sides to which photos are resized: the scales of strokes against things."""


@dataclass(frozen=True)
class SwiftRun:
    predictor: PredictorConfig = field(default_factory=PredictorConfig)
    steps: int = 12000
    styles: int = 4
    """Styles of a step; with frame pairs half as many."""
    mixed: float = 0.25
    """Share of the styles that are unions of two."""
    crop: int = 192
    rate: float = 1e-3
    warmup: int = 300
    content_budget: float = 0.34
    """Content distance aimed at: the weight of the content loss follows it, the style loss takes what is left."""
    temporal_weight: float = 20.0
    variation_weight: float = 0.3
    pairs_from: float = 0.5
    """Share of the steps after which every second step trains on frame pairs with the temporal loss."""
    clip_frames: int = 24
    ema: float = 0.999
    save_every: int = 500
    output: Path = EMBEDDED / SWIFT


@dataclass(frozen=True)
class Progress:
    step: int
    gap: float
    content: float
    temporal: float
    content_weight: float


def principal_components(bank: StyleBank, count: int) -> tuple[Tensor, Tensor]:
    """Mean [D] and basis [count, D] of standardised codes; components keep part of their spread (fourth root)."""
    mean, deviation = bank.codes.mean(0), bank.codes.std(0).clamp(min=1e-4)
    standard = ((bank.codes - mean) / deviation).clamp(-4, 4)
    _, singular, basis = torch.svd_lowrank(standard, q=count, niter=4)
    spread = singular / math.sqrt(len(bank.codes))
    return mean, (basis / (spread.sqrt() * spread[0].sqrt())).T / deviation


class SwiftTraining:
    """State of one training: data, networks, optimizer, and the weight of the content loss."""

    def __init__(self, run: SwiftRun) -> None:
        keep_freed_memory()
        torch.manual_seed(0)
        self.run = run
        self.rng = np.random.default_rng(0)
        self.bank = style_bank()
        self.photos = read_folder(assets_dir() / "photos")
        paths = sorted((assets_dir() / "videos").glob("*.mp4"))
        clips = [read_clip(path, run.clip_frames) for path in paths]
        self.clips = [clip for clip in clips if len(clip) > 1 and min(clip[0].shape[:2]) >= run.crop]
        self.flow = DisFlow("medium")
        self.teacher = channels_last(Teacher())
        self.predictor = self._start()
        self.named = dict(self.predictor.named_parameters())
        self.average = {name: p.detach().clone() for name, p in self.named.items()}
        self.optimizer = Optimizer(self.named.values())
        self.content_weight = 0.3
        self.left = torch.full([len(self.bank.codes)], 0.5)
        self.step = 0
        self.checkpoint = cache_dir() / "training" / "swift.safetensors"
        if self.checkpoint.exists():
            self.resume(load_file(self.checkpoint))

    def _start(self) -> Predictor:
        """The embedded predictor, grown where it is smaller; a new one where the layout differs."""
        wanted = self.run.predictor
        if self.run.output.exists():
            shipped = load_predictor(self.run.output)
            if replace(shipped.config, hidden=wanted.hidden, shared=wanted.shared) == wanted:
                return grow(shipped, wanted).requires_grad_()
        predictor = Predictor(wanted)
        mean, basis = principal_components(self.bank, self.run.predictor.components)
        predictor.code_mean.copy_(mean)  # pyright: ignore[reportCallIssue]
        predictor.code_basis.copy_(basis)  # pyright: ignore[reportCallIssue]
        return predictor

    def resume(self, state: dict[str, Tensor]) -> None:
        self.step, self.content_weight = int(state["step"]), float(state["content_weight"])
        self.left = state["left"]
        self.rng = np.random.default_rng(self.step)
        for name in self.named:
            self.average[name] = state[f"{name}/average"]
        restore(state, self.named, self.optimizer, self.step)

    def save(self) -> None:
        state = snapshot(self.named, self.optimizer)
        state |= {f"{name}/average": value for name, value in self.average.items()}
        state |= {"step": torch.tensor(self.step), "content_weight": torch.tensor(self.content_weight)}
        state["left"] = self.left
        partial = self.checkpoint.with_suffix(".part")
        save_file({key: value.contiguous() for key, value in state.items()}, partial)
        partial.replace(self.checkpoint)
        shipped = Predictor(self.run.predictor)
        shipped.load_state_dict(self.predictor.state_dict() | self.average)
        save_predictor(shipped, self.run.output)

    def frames(self, pairs: bool) -> tuple[Tensor, list[FramePair]]:
        """Content [S, N, 3, H, W]: single photos, or frame pairs of clips."""
        run = self.run
        if not pairs:
            chosen = [self.photos[int(i)] for i in self.rng.integers(0, len(self.photos), run.styles)]
            crops = [random_crop(photo, run.crop, self.rng, PHOTO_SIDES) for photo in chosen]
            return torch.from_numpy(batch(crops))[:, None], []
        drawn = [random_pair(self.clips, run.crop, self.rng, self.flow) for _ in range(run.styles // 2)]
        return torch.stack([torch.from_numpy(batch(pair.frames)) for pair in drawn]), drawn

    def picks(self) -> list[int]:
        """A style of the bank, or two to unite; drawn in proportion to the square of the gap that each had left."""
        odds = self.left.double().square().numpy()
        count = 2 if self.rng.random() < self.run.mixed else 1
        return self.rng.choice(len(odds), count, p=odds / odds.sum()).tolist()

    def temporal(self, painted_SN3HW: Tensor, pairs: list[FramePair]) -> Tensor:
        """`temporal_loss` of the two outputs along the source's flow, mean over the pixels where it is trusted.

        Ruder's loss between the outputs of a feed-forward network (Huang 2017).
        """
        flow = torch.from_numpy(np.stack([pair.flow for pair in pairs]))
        trusted = torch.from_numpy(np.stack([pair.trusted for pair in pairs])).float()
        carried = warp_tensor(painted_SN3HW[:, 1], flow)
        return temporal_loss(painted_SN3HW[:, 0], carried, trusted).mean() / trusted.mean().clamp(min=1e-6)

    def advance(self) -> Progress:
        """One optimizer step."""
        run = self.run
        pairs = self.step >= run.pairs_from * run.steps and self.step % 2 == 1
        content_SN3HW, drawn = self.frames(pairs)
        rows, columns = random_window(run.crop, run.crop, self.rng)
        content_B3HW = content_SN3HW.flatten(0, 1)[..., rows, columns].contiguous(memory_format=torch.channels_last)
        with torch.no_grad(), autocast():
            plain = self.teacher(content_B3HW, first_stride=2)
        plain_statistics = style_statistics(plain)
        shot_codes = torch.cat(plain_statistics, 1).unflatten(0, content_SN3HW.shape[:2]).mean(1)
        painted, targets = [], []
        picks = [self.picks() for _ in content_SN3HW]
        for frames_N3HW, shot_code, picked in zip(content_SN3HW, shot_codes, picks, strict=True):
            code, target, colors = self.bank.style(picked, self.rng)
            source = color_statistics(frames_N3HW.permute(0, 2, 3, 1).reshape(-1, 3))
            moved = apply(frames_N3HW, *transport(source, colors)).contiguous(memory_format=torch.channels_last)
            codes = (self.predictor.project(each) for each in (code, shot_code))
            parameters = self.predictor(*(each + 0.05 * torch.randn_like(each) for each in codes))
            with autocast():
                painted.append(soft_clamp(repaint(moved, parameters, run.predictor.network).float()))
            targets += [target] * len(frames_N3HW)
        painted_B3HW = torch.cat(painted).contiguous(memory_format=torch.channels_last)
        wanted = split_layers(torch.stack(targets))
        with autocast():
            view = painted_B3HW[..., rows, columns].contiguous(memory_format=torch.channels_last)
            seen = self.teacher(view, first_stride=2)
        before = style_distance(plain_statistics, wanted)
        distance = style_distance(style_statistics(seen), wanted)
        # Relative to what there was to do, as the share of the gap left is judged; floored where there was little.
        style = (distance / before.clamp(min=0.3)).mean()
        content = content_distance(seen[3], plain[3]).mean()
        variation = sum((painted_B3HW.diff(dim=axis)).abs().mean() for axis in (2, 3))
        loss = 4 * style + self.content_weight * content + run.variation_weight * variation
        temporal = torch.zeros(())
        if pairs:
            temporal = self.temporal(painted_B3HW.unflatten(0, content_SN3HW.shape[:2]), drawn)
            loss = loss + run.temporal_weight * temporal
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.named.values(), 1.0)
        self.optimizer.step(warmed_cosine(self.step, self.run.rate, self.run.warmup, self.run.steps))
        self.step += 1
        keep = min(run.ema, self.step / (self.step + 10))
        with torch.no_grad():
            for name, parameter in self.named.items():
                self.average[name].lerp_(parameter, 1 - keep)
        drift = float(np.clip(content.item() - run.content_budget, -0.1, 0.1))
        self.content_weight = float(np.clip(self.content_weight * math.exp(0.02 * drift), 0.2, 10))
        gaps = (distance / before).detach().unflatten(0, content_SN3HW.shape[:2]).mean(1)
        for picked, gap in zip(picks, gaps, strict=True):
            self.left[picked] = self.left[picked].lerp(gap.clamp(0.1, 1), 0.5)
        return Progress(self.step, gaps.mean().item(), content.item(), temporal.item(), self.content_weight)


def train(run: SwiftRun) -> Iterator[Progress]:
    """Train to `run.steps`, yielding means over 50 steps; saves every `save_every` steps and at the end."""
    training = SwiftTraining(run)
    started, rows = time.monotonic(), []
    with (cache_dir() / "training" / "swift.jsonl").open("a") as log:
        while training.step < run.steps:
            rows.append(training.advance())
            if training.step % 50 == 0:
                with_pairs = [row.temporal for row in rows if row.temporal]
                progress = Progress(
                    training.step,
                    float(np.mean([row.gap for row in rows])),
                    float(np.mean([row.content for row in rows])),
                    float(np.mean(with_pairs)) if with_pairs else 0.0,
                    training.content_weight,
                )
                rows.clear()
                log.write(json.dumps(vars(progress) | {"seconds": round(time.monotonic() - started)}) + "\n")
                log.flush()
                yield progress
            if training.step % run.save_every == 0 or training.step == run.steps:
                training.save()
