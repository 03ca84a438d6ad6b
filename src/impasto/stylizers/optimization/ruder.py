"""`ruder`: optimised frames that are held to each other along the optical flow (Ruder 2016)."""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from impasto.guidance import Guidance
from impasto.perception.encoder import Encoder, embedded_encoder
from impasto.stylizers.base import FrameArray, Preset, ShotFrames, State
from impasto.stylizers.optimization.config import PaintingConfig
from impasto.stylizers.optimization.painter import Painter
from impasto.stylizers.optimization.passes import paint_in_passes
from impasto.stylizers.optimization.past import Past, lay_over
from impasto.weights.paths import cache_dir


@dataclass(frozen=True)
class RuderConfig:
    painting: PaintingConfig = field(default_factory=PaintingConfig)
    temporal_weight: float = 15.0
    """Against the style's 1. (In the paper 1000 against 100, on pixels in 0..255 and other units of style.)"""
    reach: tuple[int, ...] = (1, 2, 4)
    """Frames back that one is held to; (1,) is the short-term loss alone."""
    passes: int = 1
    """Over the whole shot, there and back in turn; more than one needs disk for the frames of a shot."""
    temporal_from: int = 1
    """The first pass, counted from 0, whose frames are held to their neighbour (in the paper the 8th of 15)."""


PRESETS: dict[Preset, RuderConfig] = {
    "draft": RuderConfig(PaintingConfig(iterations=20, levels=1)),
    "standard": RuderConfig(),
    "high": RuderConfig(passes=5),
}


class Ruder:
    """The stylizer; see `impasto.stylizers.base.Stylizer`.

    Args:
        config: instead of the preset's.
        encoder: the network whose features are compared; the embedded one follows VGG-19, which the paper takes.
    """

    def __init__(self, preset: Preset, config: RuderConfig | None = None, encoder: Encoder | None = None) -> None:
        self.config = config or PRESETS[preset]
        self._encoder = encoder or embedded_encoder()
        self._painter: Painter | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._painted: NDArray[np.float16] | None = None

    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        """Measure the styles and the shot, and paint all of it where there are several passes; raises as `Painter`."""
        self._painter = self._painted = None
        if guidance.strength:
            self._painter = Painter(guidance, shot, self.config.painting, self._encoder)
            if self.config.passes > 1:
                self._painted = self._paint_shot(self._painter, shot, progress)
        progress(1.0)

    def _paint_shot(self, painter: Painter, shot: ShotFrames, progress: Callable[[float], None]) -> NDArray[np.float16]:
        # The folder of the shot before goes, and this one with the stylizer.
        self._folder = tempfile.TemporaryDirectory(prefix="ruder-", dir=cache_dir())
        c = self.config
        folder = Path(self._folder.name)
        return paint_in_passes(painter, shot, c.passes, c.temporal_from, c.temporal_weight, folder, progress)

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        """Paint the frames of a segment; `state` carries the last ones, or how many frames of the shot are given."""
        for frame in frames:
            if self._painter is None:
                yield frame
                continue
            source = self._painter.shrink(frame)
            if self._painted is None:
                painted = self._hold(self._painter, source, Past(state, self.config.reach))
            else:
                number = int(state.get("frames", 0))
                state["frames"] = np.array(number + 1)
                painted = torch.from_numpy(self._painted[number].astype(np.float32))[None]
            yield self._painter.finished(frame, source, painted)

    def _hold(self, painter: Painter, source: Tensor, past: Past) -> Tensor:
        """Paint a frame from those before it, and remember it."""
        held = past.seen_from(source)
        # The paper starts from the frame before alone, also where it shows something else.
        start = lay_over(painter.moved(source), held)
        painted = painter.paint(source, start, held, self.config.temporal_weight, fresh=not held)
        past.add(source, painted)
        return painted
