"""Teaching a feed-forward network one style, step by step.

Legend: N one frame or two neighbours, H height, W width.

Nothing depends on how many steps there will be: the rate falls with the steps done, the result is a running average
of the weights. So a stopped run is worth something, and more steps only go on. Chance depends on the seed and the
number of the step alone: a run that was stopped and resumed gives the same network as one that was not.
"""

import math
from dataclasses import astuple, dataclass, field, replace
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from impasto.color.transport import transport
from impasto.errors import ImpastoError, UnsupportedOption
from impasto.guidance import Style
from impasto.losses.style import STYLE_LOSSES
from impasto.perception.encoder import embedded_encoder
from impasto.stylizers.feedforward.adapt import AdaptConfig, whole_frames
from impasto.stylizers.feedforward.code import STYLE_SIDE
from impasto.stylizers.feedforward.johnson import JohnsonConfig, new_parameters
from impasto.stylizers.feedforward.nets import JohnsonNet, Net, SwiftNet
from impasto.stylizers.feedforward.network import ClipNorm
from impasto.stylizers.feedforward.objective import Objective, StyleGap, statistics_gap
from impasto.stylizers.feedforward.optimizer import Optimizer
from impasto.stylizers.feedforward.swift import mixed_code, predict
from impasto.stylizers.feedforward.weights import embedded_predictor
from impasto.stylizers.stylepicture import style_picture
from impasto.training.checkpoint import restore, snapshot
from impasto.training.material import Material
from impasto.training.stylegaps import picture_gap
from impasto.weights.memory import keep_freed_memory

RUNNING = (".mean", ".variance")
"""Ends of the names of what batch normalisation measures, which no gradient teaches."""
AVERAGE, SEEN = "/average", "/seen"
SLOWER = 0.25
"""Of the rate, after the training diverged."""
MOST_REDUCTIONS = 10
DIVERGED = 10.0
"""Times the first loss."""


@dataclass(frozen=True, kw_only=True)
class LearnConfig:
    network: Literal["swift", "johnson"] = "swift"
    johnson: JohnsonConfig = field(default_factory=JohnsonConfig)
    steps: int
    crop: int = AdaptConfig.crop
    rate: float = AdaptConfig.rate
    warmup: int = 20
    settling: int = 300
    """Steps after which the rate has fallen to 0.7."""
    style_loss: str = "statistics"
    """That of adapting, or a name of `impasto.losses.style.STYLE_LOSSES`."""
    style_weight: float = AdaptConfig.style_weight
    content_weight: float = AdaptConfig.content_weight
    temporal_weight: float = 20.0
    pair_every: int = AdaptConfig.pair_every
    """Steps between those that see two neighbouring frames, for the temporal loss."""
    imitation: int = 150
    """Steps over which Johnson's network, which begins with nothing, is led by what swift paints."""
    imitation_weight: float = 20.0
    save_every: int = 25
    """Steps between checkpoints, to which the figures belong."""
    preview_every: int = 100
    seed: int = 0


@dataclass(frozen=True)
class Figures:
    """Means over the last steps."""

    gap: float
    content: float
    temporal: float


class Learning:
    """State of one training: material, network, optimizer and the average of the weights."""

    def __init__(self, styles: tuple[Style, ...], material: Material, config: LearnConfig) -> None:
        keep_freed_memory()
        self.config, self.material = config, material
        self.code = mixed_code(styles)
        self.objective = Objective(embedded_encoder(), self._gap(styles))
        pairs = [sample.frames.astype(np.float32) / 255 for sample in material.spread(8)]
        self.swift = SwiftNet(embedded_predictor().config.network, predict(self.code, pairs))
        self.norm = ClipNorm()
        self.net = self._start(pairs)
        self.trained = {name: p for name, p in self.net.parameters.items() if not name.endswith(RUNNING)}
        for parameter in self.trained.values():
            parameter.requires_grad_()
        self.average = {name: p.detach().clone() for name, p in self.net.parameters.items()}
        self.optimizer = Optimizer(self.trained.values())
        self.step = self.reductions = 0
        self.first_loss = math.inf
        self.terms: list[tuple[float, float, float]] = []
        self.figures = Figures(math.nan, math.nan, math.nan)
        self.kept = self.state()

    def _gap(self, styles: tuple[Style, ...]) -> StyleGap:
        name = self.config.style_loss
        if name == "statistics":
            return statistics_gap(self.code.statistics)
        encoder, total, seen = embedded_encoder(), sum(style.weight for style in styles), []
        for style in styles:
            if style.image is None:
                raise UnsupportedOption(f"Style loss {name!r} needs a picture, not the named style {style.name!r}.")
            seen.append((encoder(style_picture(style.image, STYLE_SIDE), first_stride=2), style.weight / total))
        frames = [torch.from_numpy(sample.frames[:1]).permute(0, 3, 1, 2) / 255 for sample in self.material.spread(8)]
        return picture_gap(STYLE_LOSSES[name], seen, [encoder(frame, first_stride=2) for frame in frames])

    @torch.no_grad()
    def _start(self, pairs: list[np.ndarray]) -> Net:
        c = self.config
        if c.network == "johnson":
            return JohnsonNet(c.johnson, new_parameters(c.johnson, c.seed))
        net = SwiftNet(self.swift.config, {name: p.clone() for name, p in self.swift.parameters.items()})
        if self.material.one_source:
            # Other material is of many shots, each with its own statistics: those of a crop are nearer to them.
            net.normalize = self.norm
            net.paint(whole_frames(pairs), transport(self.material.samples[0].colors, self.code.colors))
        return net

    def state(self) -> dict[str, Tensor]:
        """All that `resume` needs."""
        state = snapshot(self.net.parameters, self.optimizer)
        state |= {name + AVERAGE: value.clone() for name, value in self.average.items()}
        state |= {name + SEEN: torch.stack(moments) for name, moments in self.norm.seen.items()}
        state["progress"] = torch.tensor([self.step, self.reductions, self.first_loss], dtype=torch.float64)
        state["figures"] = torch.tensor(astuple(self.figures), dtype=torch.float64)
        return state

    def resume(self, state: dict[str, Tensor]) -> None:
        """Go on from what `state` gave."""
        step, reductions, self.first_loss = state["progress"].tolist()
        self.step, self.reductions = int(step), int(reductions)
        restore(state, self.net.parameters, self.optimizer, self.step)
        self.average = {name: state[name + AVERAGE].clone() for name in self.average}
        seen = {key.removesuffix(SEEN): value for key, value in state.items() if key.endswith(SEEN)}
        self.norm.seen = {name: (moments[0].clone(), moments[1].clone()) for name, moments in seen.items()}
        self.figures = Figures(*state["figures"].tolist())
        self.terms.clear()
        self.kept = state

    def rate(self) -> float:
        """Warm-up, then a slow fall that knows no end."""
        c = self.config
        slow = SLOWER**self.reductions / math.sqrt(1 + self.step / c.settling)
        return c.rate * slow * min(1.0, (self.step + 1) / c.warmup)

    def advance(self) -> str:
        """One optimizer step; gives a sentence where it went wrong and the training went back."""
        c = self.config
        rng = np.random.default_rng((c.seed, self.step))
        count = 2 if c.temporal_weight and self.step % c.pair_every == 0 else 1
        frames_NHW3, palette = self.material.draw(rng, c.crop, count)
        colors = transport(palette, self.code.colors)
        terms = self.objective(frames_NHW3, lambda frames_N3HW: self.net.paint(frames_N3HW, colors), rng)
        loss = c.style_weight * terms.gap + c.content_weight * terms.content + c.temporal_weight * terms.temporal
        led = 1 - self.step / c.imitation if c.network == "johnson" else 0.0
        if led > 0:
            with torch.no_grad():
                example = self.swift.paint(torch.from_numpy(frames_NHW3).permute(0, 3, 1, 2), colors)
            loss = loss + led * c.imitation_weight * (terms.painted - example).abs().mean()
        self.optimizer.zero_grad()
        loss.backward()
        if self.step == 0:
            self.first_loss = loss.item()
        if not self._sound(loss.item()):
            return self._go_back()
        self.optimizer.step(self.rate())
        self.step += 1
        self._take_average()
        self.terms.append((terms.gap.item(), terms.content.item(), terms.temporal.item()))
        return ""

    def _sound(self, loss: float) -> bool:
        gradients = [p.grad for p in self.trained.values() if p.grad is not None]
        return loss < DIVERGED * self.first_loss and all(bool(g.isfinite().all()) for g in gradients)

    def _go_back(self) -> str:
        if self.reductions == MOST_REDUCTIONS:
            raise ImpastoError(f"Learning diverges at step {self.step} at any rate; try other pictures or --seed.")
        reductions, failed = self.reductions + 1, self.step
        self.resume(self.kept)
        self.reductions = reductions
        self.kept = self.state()
        return f"Diverged at step {failed}: back at step {self.step} with a quarter of the rate."

    @torch.no_grad()
    def _take_average(self) -> None:
        # Polynomial decay (Shamir and Zhang 2013): the last tenth of the steps counts most, however many there are.
        share = 9 / (self.step + 8)
        for name, value in self.net.parameters.items():
            self.average[name].lerp_(value.detach(), share)

    def averaged(self) -> Net:
        """The network with the averaged weights: the result so far."""
        return replace(self.net, parameters=self.average)  # pyright: ignore[reportArgumentType]

    def keep(self) -> None:
        """Take the figures, and the state to which the training goes back where it diverges."""
        self.figures = Figures(*(float(mean) for mean in np.mean(self.terms, axis=0)))
        self.terms.clear()
        self.kept = self.state()
