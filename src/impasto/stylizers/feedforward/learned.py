"""The stylizer of a network that has learned one style (`impasto learn`): its file is the style."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import torch

from impasto.guidance import Guidance
from impasto.stylizers.base import FrameArray, ShotFrames, State
from impasto.stylizers.feedforward.following import Beginning, Follower
from impasto.stylizers.feedforward.margins import Engine
from impasto.stylizers.feedforward.netfile import load_net
from impasto.stylizers.feedforward.nets import SwiftNet
from impasto.stylizers.feedforward.steadily import repaint_steadily
from impasto.stylizers.feedforward.swift import PRESETS, sample_pairs, shot_colors
from impasto.stylizers.painted.anchor import Anchor

CONFIG = PRESETS["standard"]


class Learned:
    """The stylizer; see `impasto.stylizers.base.Stylizer`. Raises `ModelError` for a file that is no learned net."""

    def __init__(self, path: Path) -> None:
        self._net, self._colors = load_net(path)
        self._engine: Engine | None = None
        self._guidance = Guidance()
        self._follower = Follower(CONFIG.following_steps)
        self._anchor: Anchor | None = None

    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        """Fit the colours and, for swift's network, the normalisation to the shot, and compile; or follow a painted
        frame, from the style that was learned. Raises as `Follower`."""
        self._guidance = guidance
        self._engine = self._anchor = None  # their memory is given back before the next one is compiled
        net = self._net
        if guidance.painted_frames and isinstance(net, SwiftNet):
            self._engine, self._anchor = self._follower(
                guidance, shot, lambda pair: Beginning(net, pair.style, sample_pairs(shot.clip, CONFIG)), progress
            )
            progress(1.0)
            return
        pairs = sample_pairs(shot, CONFIG)
        frames = torch.cat([torch.from_numpy(pair) for pair in pairs]).permute(0, 3, 1, 2)
        width, height = shot.size
        self._engine = net.engine(frames, shot_colors(pairs, self._colors), height, width)
        progress(1.0)

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        """Repaint and steady the frames of a segment; `state` carries the stabiliser's last frame."""
        if self._engine is None:
            raise RuntimeError("prepare() must be called before stylize()")
        yield from repaint_steadily(frames, state, self._engine, self._guidance, self._anchor)
