"""`gatys`: every frame by itself, by optimising its pixels (Gatys 2016)."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from impasto.guidance import Guidance
from impasto.perception.encoder import Encoder, embedded_encoder
from impasto.stylizers.base import FrameArray, Preset, ShotFrames, State
from impasto.stylizers.optimization.config import PaintingConfig
from impasto.stylizers.optimization.energy import Carried
from impasto.stylizers.optimization.painter import Painter
from impasto.stylizers.optimization.past import Past, lay_over


@dataclass(frozen=True)
class GatysConfig:
    painting: PaintingConfig = field(default_factory=PaintingConfig)
    start: Literal["content", "noise", "previous"] = "content"
    """Content: the frame in the colours of the style. Noise: the same for every frame (Gatys draws it anew). Previous:
    the frame painted before, carried along the flow of the source."""
    unwarped_weight: float = 0.0
    """Of the difference to the frame painted before, in place: it takes motion for flicker. Kept to show that."""


PRESETS: dict[Preset, GatysConfig] = {
    "draft": GatysConfig(PaintingConfig(iterations=20, levels=1)),
    "standard": GatysConfig(),
    "high": GatysConfig(PaintingConfig(iterations=400, levels=3)),
}


class Gatys:
    """The stylizer; see `impasto.stylizers.base.Stylizer`.

    Args:
        config: instead of the preset's.
        encoder: the network whose features are compared; the embedded one follows VGG-19, which the paper takes.
    """

    def __init__(self, preset: Preset, config: GatysConfig | None = None, encoder: Encoder | None = None) -> None:
        self.config = config or PRESETS[preset]
        self._encoder = encoder or embedded_encoder()
        self._guidance = Guidance()
        self._painter: Painter | None = None

    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        """Measure the styles and the shot; raises as `Painter`."""
        self._guidance = guidance
        self._painter = Painter(guidance, shot, self.config.painting, self._encoder) if guidance.strength else None
        progress(1.0)

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        """Paint the frames of a segment; `state` carries the last one where the next depends on it."""
        for frame in frames:
            if self._painter is None:
                yield frame
                continue
            source, past = self._painter.shrink(frame), Past(state)
            painted = self._paint(self._painter, source, past)
            if self.config.start == "previous" or self.config.unwarped_weight:
                past.add(source, painted)
            yield self._painter.finished(frame, source, painted)

    def _paint(self, painter: Painter, source: Tensor, past: Past) -> Tensor:
        start = painter.moved(source)
        if self.config.start == "noise":
            start = torch.rand(source.shape, generator=torch.Generator().manual_seed(self._guidance.seed))
        elif self.config.start == "previous":
            start = lay_over(start, past.seen_from(source))
        before = past.last
        held = [] if before is None else [Carried(before, torch.ones_like(before[:, 0]))]
        fresh = self.config.start != "previous" or before is None
        return painter.paint(source, start, held, self.config.unwarped_weight, fresh)
