"""Following a painted frame: from the pair and its neighbours in the clip to a network.

Legend: N lessons, H height, W width.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.color.transport import color_statistics, transport
from impasto.guidance import Guidance, Keyframe
from impasto.perception.encoder import embedded_encoder
from impasto.stylizers.base import FrameArray, ShotFrames
from impasto.stylizers.feedforward.code import SMALLEST, StyleCode, encode_style
from impasto.stylizers.feedforward.fewshot import FewShotConfig, Lesson, carried, teach_pair
from impasto.stylizers.feedforward.margins import Engine
from impasto.stylizers.feedforward.nets import Colors, SwiftNet
from impasto.stylizers.painted.anchor import Anchor
from impasto.stylizers.painted.frame import PaintedFrame, read_painted_frame
from impasto.video.types import Picture

NEIGHBOURS = (1, 2, 4, 7, 11)
"""Frames before and after the painted one to which it is carried."""
LEAST_KNOWN = 0.2
"""Share of a frame that must be visible in the painted one."""
LESSON_PIXELS = 8_000_000
"""Of all lessons together."""
STYLE_SIDE = 1024
"""Pixels of the painted frame, from its middle, whose statistics are its style: at its own size, unlike those of a
style picture, since its strokes are to be as wide as they are."""


@dataclass(frozen=True)
class Pair:
    """A frame of a clip and the same painted, with the frames near it to which the painting could be carried."""

    painted: PaintedFrame
    lessons: list[Lesson]
    colors: Colors

    @property
    def anchor(self) -> Anchor:
        """What lays the painting over the frames that still show what it shows."""
        painted = np.divide(self.painted.picture, 255, dtype=np.float32)
        return Anchor(self.lessons[0].source, painted, self.painted.known)

    @property
    def style(self) -> StyleCode:
        """The style of the painted frame."""
        rows, columns = (np.flatnonzero(self.painted.known.any(axis)) for axis in (1, 0))
        middle = torch.from_numpy(self.painted.picture[_middle(rows), _middle(columns)]).permute(2, 0, 1)[None] / 255
        if min(middle.shape[2:]) < SMALLEST:
            middle = F.interpolate(middle, [max(SMALLEST, side) for side in middle.shape[2:]])
        return encode_style(embedded_encoder(), middle)

    @property
    def sources(self) -> Tensor:
        """The frames of the lessons, [N, 3, H, W]."""
        return torch.from_numpy(np.stack([lesson.source for lesson in self.lessons])).permute(0, 3, 1, 2).float() / 255


@dataclass(frozen=True)
class Beginning:
    """What a network is before it has seen the painted frame."""

    net: SwiftNet
    style: StyleCode
    """What frames that nobody painted are held to."""
    pairs: list[np.ndarray]
    """Neighbouring frames of the clip, [2, H, W, 3]."""


class Follower:
    """Sets a network by a painted frame, which it learns once, and lays that over the frames as long as it is in sight.

    Args:
        steps: of learning.
    """

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._taught: tuple[Guidance, Pair, SwiftNet] | None = None

    def __call__(
        self,
        guidance: Guidance,
        shot: ShotFrames,
        begin: Callable[[Pair], Beginning],
        progress: Callable[[float], None],
    ) -> tuple[Engine, Anchor]:
        """What repaints a shot as the one painted frame of the guidance is; raises as `read_painted_frame`."""
        if self._taught is None or self._taught[0] != guidance:
            (keyframe,) = guidance.painted_frames
            pair = read_pair(keyframe, shot.clip)
            self._taught = guidance, pair, self._teach(pair, begin(pair), guidance.seed, progress)
        _, pair, net = self._taught
        width, height = shot.size
        # The normalisation too is that of the frames that it learned from.
        return net.engine(pair.sources, pair.colors, height, width), pair.anchor

    def _teach(self, pair: Pair, start: Beginning, seed: int, progress: Callable[[float], None]) -> SwiftNet:
        if min(pair.painted.picture.shape[:2]) < SMALLEST:
            return start.net
        config = start.net.config
        parameters = teach_pair(
            start.net.parameters,
            config,
            embedded_encoder(),
            start.style,
            pair.colors,
            pair.lessons,
            start.pairs,
            FewShotConfig(self._steps),
            seed,
            progress,
        )
        return SwiftNet(config, parameters)


def read_pair(keyframe: Keyframe, clip: ShotFrames) -> Pair:
    """Read a painted frame and carry it to its neighbours; raises as `read_painted_frame`."""
    width, height = clip.size
    most = max(0, LESSON_PIXELS // (width * height) - 1) // 2
    near = [keyframe.frame + side * step for step in NEIGHBOURS[:most] for side in (-1, 1)]
    near = [number for number in near if 0 <= number < clip.count]
    source, *others = (_bytes(frame) for frame in clip.sample([keyframe.frame, *near]))
    painted = read_painted_frame(keyframe.image, source)
    first = Lesson(source, painted.picture, painted.known)
    lessons = [carried(first, other) for other in others]
    seen = painted.known > 0
    colors = transport(*(color_statistics(torch.from_numpy(rgb[seen]) / 255) for rgb in (source, painted.picture)))
    return Pair(painted, [first, *(each for each in lessons if each.known.mean() / 255 >= LEAST_KNOWN)], colors)


def _middle(known: np.ndarray) -> slice:
    """Of the rows or columns that are known, all in one piece."""
    count = min(len(known), STYLE_SIDE)
    start = int(known[0]) + (len(known) - count) // 2
    return slice(start, start + count)


def _bytes(frame: FrameArray) -> Picture:
    return (frame * 255).round().astype(np.uint8)
