"""What is done to a painted clip, so that one knows how a metric should answer.

Legend: H height, W width. Pictures are uint8 RGB [H, W, 3].
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from impasto.evaluation.fixture.madeclip import MadeClip
from impasto.job.pixels import to_bytes, to_float
from impasto.video.types import Picture

NOISE = 0.1
"""Standard deviation, where white is 1."""
BLUR = 1 / 48
"""Standard deviation, in short sides of the frame."""
DRIFT = 0.2
"""Red that the last frame has more than the first, and blue that it has less."""


@dataclass(frozen=True, kw_only=True)
class Case:
    key: str
    title: str
    about: str
    change: Callable[[MadeClip, np.random.Generator], list[Picture]]
    """Gives the frames that are measured in place of the painted ones, as many."""
    wrong_prompt: bool = False
    """Compared with the description of another clip."""


def _painted(clip: MadeClip, rng: np.random.Generator) -> list[Picture]:
    return clip.outputs


def _unpainted(clip: MadeClip, rng: np.random.Generator) -> list[Picture]:
    return clip.sources


def _half(clip: MadeClip, rng: np.random.Generator) -> list[Picture]:
    pairs = zip(clip.outputs, clip.sources, strict=True)
    return [to_bytes((to_float(painted) + to_float(source)) * np.float32(0.5)) for painted, source in pairs]


def _other_colours(clip: MadeClip, rng: np.random.Generator) -> list[Picture]:
    return [np.ascontiguousarray(frame[..., [1, 2, 0]]) for frame in clip.outputs]


def _blurred(clip: MadeClip, rng: np.random.Generator) -> list[Picture]:
    sigma = BLUR * min(clip.outputs[0].shape[:2])
    return [cv2.GaussianBlur(frame, (0, 0), sigma).astype(np.uint8) for frame in clip.outputs]


def _noisy(clip: MadeClip, rng: np.random.Generator) -> list[Picture]:
    noise = (NOISE * rng.standard_normal((len(clip.outputs), *clip.outputs[0].shape))).astype(np.float32)
    return [to_bytes(to_float(frame) + each) for frame, each in zip(clip.outputs, noise, strict=True)]


def _shuffled(clip: MadeClip, rng: np.random.Generator) -> list[Picture]:
    return [clip.outputs[number] for number in rng.permutation(len(clip.outputs))]


def _frozen(clip: MadeClip, rng: np.random.Generator) -> list[Picture]:
    return [clip.outputs[len(clip.outputs) // 2]] * len(clip.outputs)


def _drifting(clip: MadeClip, rng: np.random.Generator) -> list[Picture]:
    shares = np.linspace(0, DRIFT, len(clip.outputs), dtype=np.float32)
    warmer = np.array([1, 0, -1], np.float32)
    return [to_bytes(to_float(frame) + share * warmer) for frame, share in zip(clip.outputs, shares, strict=True)]


def _style_shown(clip: MadeClip, rng: np.random.Generator) -> list[Picture]:
    height, width = clip.outputs[0].shape[:2]
    return [_resized(clip.style, width, height)] * len(clip.outputs)


def _style_pasted(clip: MadeClip, rng: np.random.Generator) -> list[Picture]:
    height, width = clip.outputs[0].shape[:2]
    pasted = [frame.copy() for frame in clip.outputs]
    for frame in pasted:
        frame[height // 2 :, width // 2 :] = _resized(clip.style, width - width // 2, height - height // 2)
    return pasted


def _resized(picture: Picture, width: int, height: int) -> Picture:
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


PAINTED = Case(key="painted", title="painted", about="the painted clip as it is", change=_painted)
"""What every other case is compared with."""
CASES = (
    Case(key="unpainted", title="unpainted", about="the source itself, nothing was painted", change=_unpainted),
    Case(key="half", title="half strength", about="the mean of the painted clip and its source", change=_half),
    Case(key="colours", title="colour shift", about="red, green and blue change places", change=_other_colours),
    Case(key="blur", title="blur", about="Gaussian blur, sigma 1/48 of the short side", change=_blurred),
    Case(key="noise", title="noise", about=f"noise of deviation {NOISE}, new in each frame", change=_noisy),
    Case(key="shuffled", title="frames shuffled", about="the same frames in random order", change=_shuffled),
    Case(key="frozen", title="frozen", about="the middle frame throughout", change=_frozen),
    Case(key="drift", title="colour drift", about=f"{DRIFT} more red and less blue at the end", change=_drifting),
    Case(key="style", title="style shown", about="the style picture in place of every frame", change=_style_shown),
    Case(
        key="pasted", title="style pasted", about="the style picture over a quarter of the frame", change=_style_pasted
    ),
    Case(
        key="prompt",
        title="wrong prompt",
        about="the painted clip with the description of another clip",
        change=_painted,
        wrong_prompt=True,
    ),
)
