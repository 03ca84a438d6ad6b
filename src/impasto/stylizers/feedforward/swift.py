"""`swift`: the embedded feed-forward model, any style, real time on a CPU."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.color.transport import ColorStatistics, color_statistics, transport
from impasto.guidance import Guidance, Style
from impasto.perception.encoder import embedded_encoder
from impasto.perception.statistics import style_statistics
from impasto.stylizers.base import FrameArray, Preset, ShotFrames, State
from impasto.stylizers.feedforward.adapt import AdaptConfig, adapt
from impasto.stylizers.feedforward.code import SMALLEST, STYLE_SIDE, StyleCode, encode_style, mix
from impasto.stylizers.feedforward.following import Beginning, Follower, Pair
from impasto.stylizers.feedforward.margins import Engine
from impasto.stylizers.feedforward.nets import SwiftNet
from impasto.stylizers.feedforward.network import Parameters
from impasto.stylizers.feedforward.prior import prompt_code
from impasto.stylizers.feedforward.published import CLIP_B32
from impasto.stylizers.feedforward.refine import RefineConfig, refine
from impasto.stylizers.feedforward.steadily import repaint_steadily
from impasto.stylizers.feedforward.styles import named_code
from impasto.stylizers.feedforward.weights import embedded_predictor
from impasto.stylizers.painted.anchor import Anchor
from impasto.stylizers.stylepicture import style_picture
from impasto.weights.hub import fetched
from impasto.weights.precision import autocast


@dataclass(frozen=True)
class SwiftConfig:
    adapting_steps: int
    """Steps of adapting to the style and the shot; 0 uses the parameters as predicted."""
    following_steps: int
    """Steps of learning from a painted frame."""
    refining_steps: int = 0
    """Steps of leading the style of a prompt on by CLIP, where that is asked for."""
    sampled_pairs: int = 6
    """Pairs of neighbouring frames that are read from a shot."""
    sampled_pixels: int = 2_000_000
    """Pixels of all sampled frames together: larger frames are sampled by windows."""


PRESETS: dict[Preset, SwiftConfig] = {
    "draft": SwiftConfig(adapting_steps=0, following_steps=100, refining_steps=10),
    "standard": SwiftConfig(adapting_steps=150, following_steps=300, refining_steps=40),
    "high": SwiftConfig(adapting_steps=900, following_steps=1500, refining_steps=120, sampled_pairs=10),
}


def style_code(style: Style) -> StyleCode:
    """The code of a style picture or of a named style."""
    if style.name:
        return named_code(style.name)
    return picture_code(style.image)


def picture_code(path: Path | None) -> StyleCode:
    """The code of a picture file at the scale of `STYLE_SIDE`."""
    if path is None:
        raise ValueError("a style needs a picture or a name")
    return encode_style(embedded_encoder(), style_picture(path, STYLE_SIDE))


def mixed_code(styles: Sequence[Style], others: Sequence[StyleCode] = ()) -> StyleCode:
    """The code of several styles taken together, each by its weight; those of words and painted frames weigh 1."""
    codes = [*(style_code(style) for style in styles), *others]
    weights = [*(style.weight for style in styles), *(1.0 for _ in others)]
    return mix(codes, [weight / sum(weights) for weight in weights])


def sample_pairs(shot: ShotFrames, config: SwiftConfig) -> list[np.ndarray]:
    """Neighbouring frames [2, H, W, 3] spread over the shot; windows of them where frames are large."""
    count = min(config.sampled_pairs, max(1, shot.count // 2))
    starts = [round(i * max(0, shot.count - 2) / max(1, count - 1)) for i in range(count)]
    pairs = [(i, min(i + 1, shot.count - 1)) for i in starts]
    width, height = shot.size
    share = min(1.0, (config.sampled_pixels / (2 * count * width * height)) ** 0.5)
    rows, columns = max(min(64, height), round(height * share)), max(min(64, width), round(width * share))
    windows = [
        (round((height - rows) * ((number * 0.618) % 1)), round((width - columns) * ((number * 0.414) % 1)))
        for number in range(count)
    ]
    parts: dict[tuple[int, int], np.ndarray] = {}
    """Windows by number of the pair and of the frame."""
    indices = sorted({index for pair in pairs for index in pair})
    for index, frame in zip(indices, shot.sample(indices), strict=True):
        for number, (y, x) in enumerate(windows):
            if index in pairs[number]:
                parts[number, index] = frame[y : y + rows, x : x + columns].copy()
    return [np.stack([parts[number, index] for index in pair]) for number, pair in enumerate(pairs)]


@torch.no_grad()
def shot_statistics(pairs_P2HW3: list[np.ndarray]) -> Tensor:
    """Statistics of the encoder's features over the first frame of each pair, [2944]: the code of the shot itself."""
    encoder = embedded_encoder()
    rows = []
    for pair in pairs_P2HW3:
        frame = torch.from_numpy(pair[:1]).permute(0, 3, 1, 2)
        if min(frame.shape[2:]) < SMALLEST:
            frame = F.interpolate(frame, [max(SMALLEST, side) for side in frame.shape[2:]])
        frame = frame.contiguous(memory_format=torch.channels_last)
        with autocast():
            rows.append(torch.cat(style_statistics(encoder(frame)), 1)[0])
    return torch.stack(rows).mean(0)


def shot_colors(pairs_P2HW3: list[np.ndarray], style: ColorStatistics) -> tuple[Tensor, Tensor]:
    """Matrix and offset of the colour transport from the sampled frames, taken together, to the style."""
    pixels = torch.cat([torch.from_numpy(pair).reshape(-1, 3) for pair in pairs_P2HW3])
    return transport(color_statistics(pixels), style)


@torch.no_grad()
def predict(code: StyleCode, pairs_P2HW3: list[np.ndarray]) -> Parameters:
    """Parameters of the network for the style, on a shot like the sampled frames."""
    predictor = embedded_predictor()
    return predictor(predictor.project(code.statistics), predictor.project(shot_statistics(pairs_P2HW3)))


class Swift:
    """The stylizer; see `impasto.stylizers.base.Stylizer`."""

    def __init__(self, preset: Preset) -> None:
        self.config = PRESETS[preset]
        self._engine: Engine | None = None
        self._guidance = Guidance()
        self._adapted: dict[tuple[tuple[Style, ...], str | None, bool, int], Parameters] = {}
        self._refined: dict[str, StyleCode] = {}
        self._follower = Follower(self.config.following_steps)
        self._anchor: Anchor | None = None

    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        """Set the network for the styles and the shot, and compile it. Described in docs/models/swift.md."""
        self._guidance = guidance
        self._engine = self._anchor = None  # their memory is given back before the next one is compiled
        if guidance.strength == 0:
            self._engine = lambda frame: frame
            return
        if guidance.painted_frames:
            self._engine, self._anchor = self._follower(
                guidance, shot, lambda pair: self._beginning(pair, guidance, shot.clip, progress), progress
            )
            progress(1.0)
            return
        code = mixed_code(guidance.styles, self._described(guidance, shot.clip, progress))
        pairs = sample_pairs(shot, self.config)
        colors = shot_colors(pairs, code.colors)
        if self.config.adapting_steps and min(shot.size) >= SMALLEST:
            # Once for a video, on frames of all of it: cuts must not multiply the seconds that it takes.
            key = guidance.styles, guidance.prompt, guidance.refine, guidance.seed
            if key not in self._adapted:
                self._adapted[key] = self._adapt(code, shot.clip, guidance.seed, progress)
            parameters = self._adapted[key]
        else:
            parameters = predict(code, pairs)
        frames = torch.cat([torch.from_numpy(pair) for pair in pairs]).permute(0, 3, 1, 2)
        width, height = shot.size
        net = SwiftNet(embedded_predictor().config.network, parameters)
        self._engine = net.engine(frames, colors, height, width)
        progress(1.0)

    def _described(self, guidance: Guidance, clip: ShotFrames, progress: Callable[[float], None]) -> list[StyleCode]:
        """The style of the prompt, where there is one; refined once for a video, on the frame in its middle."""
        if not guidance.prompt:
            return []
        if not guidance.refine:
            return [prompt_code(guidance.prompt)]
        if guidance.prompt not in self._refined:
            (frame,) = clip.sample([clip.count // 2])
            config, place = RefineConfig(self.config.refining_steps), fetched(CLIP_B32)
            self._refined[guidance.prompt] = refine(guidance.prompt, frame, place, config, progress).code
        return [self._refined[guidance.prompt]]

    def _adapt(self, code: StyleCode, clip: ShotFrames, seed: int, progress: Callable[[float], None]) -> Parameters:
        pairs = sample_pairs(clip, self.config)
        return adapt(
            predict(code, pairs),
            embedded_predictor().config.network,
            embedded_encoder(),
            code,
            shot_colors(pairs, code.colors),
            pairs,
            AdaptConfig(self.config.adapting_steps),
            seed,
            progress,
        )

    def _beginning(
        self, pair: Pair, guidance: Guidance, clip: ShotFrames, progress: Callable[[float], None]
    ) -> Beginning:
        pairs = sample_pairs(clip, self.config)
        code = mixed_code(guidance.styles, [pair.style, *self._described(guidance, clip, progress)])
        return Beginning(SwiftNet(embedded_predictor().config.network, predict(code, pairs)), code, pairs)

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        """Repaint and steady the frames of a segment; `state` carries the stabiliser's last frame."""
        if self._engine is None:
            raise RuntimeError("prepare() must be called before stylize()")
        yield from repaint_steadily(frames, state, self._engine, self._guidance, self._anchor)
