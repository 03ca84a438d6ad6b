"""`--refine`: the style that the prior found for a prompt, led on by CLIP on one small frame of the clip.

Legend: K principal components of styles, E numbers of CLIP's vectors, H height, W width.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from impasto.color.transport import color_statistics, transport
from impasto.perception.encoder import embedded_encoder
from impasto.perception.statistics import style_statistics
from impasto.perception.text.weights import embedded_text_encoder
from impasto.stylizers.base import FrameArray
from impasto.stylizers.feedforward.code import StyleCode
from impasto.stylizers.feedforward.nets import SwiftNet
from impasto.stylizers.feedforward.prior import embedded_prior, read_prompt
from impasto.stylizers.feedforward.weights import embedded_predictor

PLAIN = "a photo"
"""What the frame is before it is painted."""


@dataclass(frozen=True)
class RefineConfig:
    steps: int
    rate: float = 0.05
    """Of Adam, in deviations of the known styles along each component."""
    farthest: float = 1.0
    """From where the prior led, in the same: beyond the styles that it knows, CLIP is deceived rather than pleased."""


@dataclass(frozen=True)
class Refined:
    code: StyleCode
    before: float
    """Likeness of the prior's own style; see `Likeness`."""
    after: float


class Likeness:
    """How far painting moves a frame in the direction in which the prompt lies from a photo: -1 to 1.

    The cosine of both directions in CLIP's space (StyleGAN-NADA, Gal 2021, equation 2).

    Raises:
        ModelError: the folder cannot be read.
    """

    def __init__(self, place: Path, prompt: str, frame_13HW: Tensor) -> None:
        from transformers import CLIPModel, CLIPTokenizer
        from transformers.utils.constants import OPENAI_CLIP_MEAN, OPENAI_CLIP_STD

        from impasto.weights.pretrained import load_network, load_reader

        self._net = load_network(CLIPModel, place, torch.float32)
        tokenizer = load_reader(CLIPTokenizer, place)
        self._mean, self._deviation = (torch.tensor(row).view(3, 1, 1) for row in (OPENAI_CLIP_MEAN, OPENAI_CLIP_STD))
        longest = self._net.config.text_config.max_position_embeddings
        tokens = tokenizer([prompt, PLAIN], padding=True, truncation=True, max_length=longest, return_tensors="pt")
        with torch.no_grad():
            pooled = self._net.text_model(tokens.input_ids, tokens.attention_mask).pooler_output
            wanted, plain = F.normalize(self._net.text_projection(pooled), dim=1)
            self._there = F.normalize(wanted - plain, dim=0)
            self._frame = self._seen(frame_13HW)

    @property
    def side(self) -> int:
        """Pixels of the squares that it looks at."""
        return self._net.config.vision_config.image_size

    def __call__(self, painted_13HW: Tensor) -> Tensor:
        """A scalar, differentiable."""
        return F.normalize(self._seen(painted_13HW) - self._frame, dim=0) @ self._there

    def _seen(self, rgb_13HW: Tensor) -> Tensor:
        """[E], of length 1."""
        square = F.interpolate(rgb_13HW, [self.side, self.side], mode="bicubic", antialias=True)
        pooled = self._net.vision_model((square - self._mean) / self._deviation).pooler_output
        return F.normalize(self._net.visual_projection(pooled), dim=1)[0]


def middle_square(frame: FrameArray, side: int = 224) -> Tensor:
    """The square in the middle of a frame [H, W, 3] as [1, 3, side, side]."""
    short = min(frame.shape[:2])
    top, left = ((length - short) // 2 for length in frame.shape[:2])
    square = torch.from_numpy(frame[top : top + short, left : left + short].copy()).permute(2, 0, 1)[None]
    return F.interpolate(square, [side, side], mode="bicubic", antialias=True).clamp(0, 1)


def refine(
    prompt: str,
    frame: FrameArray,
    place: Path,
    config: RefineConfig,
    progress: Callable[[float], None],
) -> Refined:
    """The likest of the styles met on the way from the prior's up CLIP's slope; its colours remain the prior's.

    Args:
        frame: one of the clip, float32 RGB [H, W, 3] in [0, 1].
        place: folder of a CLIP, see `impasto.stylizers.feedforward.published`.
        progress: called with the share done.

    Raises:
        ModelError: CLIP cannot be read.
        UnsupportedOption: the embedded text encoder knows no word of the prompt.
    """
    prior, predictor, square_13HW = embedded_prior(), embedded_predictor(), middle_square(frame)
    likeness = Likeness(place, prompt, square_13HW)
    with torch.no_grad():
        start_K = prior.answer(embedded_text_encoder().embed([read_prompt(prompt)]))[0]
        content = predictor.project(torch.cat(style_statistics(embedded_encoder()(square_13HW)), 1)[0])
    colors = transport(color_statistics(square_13HW[0].flatten(1).T), prior.code_at(start_K).colors)
    spread_K = prior.places.std(0)
    moved_K = torch.zeros_like(start_K, requires_grad=True)
    optimizer = torch.optim.Adam([moved_K], config.rate)
    met: list[tuple[float, Tensor]] = []
    for step in range(config.steps + 1):
        statistics = prior.code_at(start_K + spread_K * moved_K).statistics
        net = SwiftNet(predictor.config.network, predictor(predictor.project(statistics), content))
        likely = likeness(net.paint(square_13HW, colors).clamp(0, 1))
        met.append((likely.item(), moved_K.detach().clone()))
        if step < config.steps:
            optimizer.zero_grad()
            (-likely).backward()
            optimizer.step()
            with torch.no_grad():
                moved_K.clamp_(-config.farthest, config.farthest)
        progress((step + 1) / (config.steps + 1))
    after, best_K = max(met, key=lambda each: each[0])
    refined, found = prior.code_at(start_K + spread_K * best_K), prior.code_at(start_K)
    return Refined(StyleCode(refined.statistics, found.colors), met[0][0], after)
