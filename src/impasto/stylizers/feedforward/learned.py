"""The stylizer of a network that has learned one style (`impasto learn`): its file is the style."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import torch

from impasto.guidance import Guidance
from impasto.stylizers.base import FrameArray, ShotFrames, State
from impasto.stylizers.feedforward.margins import Engine
from impasto.stylizers.feedforward.netfile import load_net
from impasto.stylizers.feedforward.steadily import repaint_steadily
from impasto.stylizers.feedforward.swift import SwiftConfig, sample_pairs, shot_colors

SAMPLING = SwiftConfig(adapting_steps=0, following_steps=0)


class Learned:
    """The stylizer; see `impasto.stylizers.base.Stylizer`. Raises `ModelError` for a file that is no learned net."""

    def __init__(self, path: Path) -> None:
        self._net, self._colors = load_net(path)
        self._engine: Engine | None = None
        self._guidance = Guidance()

    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        """Fit the colours and, for swift's network, the normalisation to the shot, and compile."""
        self._guidance = guidance
        self._engine = None  # its memory is given back before the next one is compiled
        pairs = sample_pairs(shot, SAMPLING)
        frames = torch.cat([torch.from_numpy(pair) for pair in pairs]).permute(0, 3, 1, 2)
        width, height = shot.size
        self._engine = self._net.engine(frames, shot_colors(pairs, self._colors), height, width)
        progress(1.0)

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        """Repaint and steady the frames of a segment; `state` carries the stabiliser's last frame."""
        if self._engine is None:
            raise RuntimeError("prepare() must be called before stylize()")
        yield from repaint_steadily(frames, state, self._engine, self._guidance)
