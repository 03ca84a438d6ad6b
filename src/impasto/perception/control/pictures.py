"""Control pictures: depth as lightness, pose as coloured bones.

Legend: H height, W width, J joints. Frames are float32 RGB [H, W, 3] in [0, 1], control pictures uint8 [H, W, 3].
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple, Protocol

import cv2
import numpy as np

from impasto.scenes.world.people import JOINTS
from impasto.video.types import Picture

ControlKind = Literal["depth", "pose"]
CONTROLS: tuple[ControlKind, ...] = ("depth", "pose")
Frame = np.ndarray
RANGE = (1, 99)
"""Percentiles of inverse depth that are black and white."""
WIDTH = 0.02
"""Of a bone, short sides of the picture."""
BONES = (
    ("neck", "head", (255, 0, 85)),
    ("neck", "right shoulder", (255, 0, 0)), ("right shoulder", "right elbow", (255, 85, 0)),
    ("right elbow", "right wrist", (255, 170, 0)), ("neck", "left shoulder", (170, 255, 0)),
    ("left shoulder", "left elbow", (85, 255, 0)), ("left elbow", "left wrist", (0, 255, 0)),
    ("neck", "right hip", (0, 255, 85)), ("right hip", "right knee", (0, 255, 170)),
    ("right knee", "right ankle", (0, 255, 255)), ("neck", "left hip", (0, 170, 255)),
    ("left hip", "left knee", (0, 85, 255)), ("left knee", "left ankle", (0, 0, 255)),
)  # fmt: skip
"""From joint to joint, and its colour, as OpenPose has them (Cao 2019)."""


class Figure(NamedTuple):
    """Somebody's joints, in the order of `impasto.scenes.world.people.JOINTS`."""

    joints: np.ndarray
    """[J, 2], (x, y) in pixels."""
    visible: np.ndarray
    """bool [J]"""


class Estimator(Protocol):
    """Makes the control pictures of a shot, frame by frame."""

    def fit(self, frames: Iterable[Frame]) -> None:
        """See some frames that stand for all of a shot, before the first of it is asked for."""
        ...

    def __call__(self, frame: Frame) -> Picture: ...


class DepthPictures:
    """An `Estimator`: near is white, far is black, by one scale for a shot, so that nothing pulses.

    Args:
        estimate: from a frame to its inverse depth [H, W], up to scale and offset.
    """

    def __init__(self, estimate: Callable[[Frame], np.ndarray]) -> None:
        self._estimate, self._range = estimate, (0.0, 1.0)

    def fit(self, frames: Iterable[Frame]) -> None:
        self._range = depth_range([self._estimate(frame) for frame in frames])

    def __call__(self, frame: Frame) -> Picture:
        return depth_picture(self._estimate(frame), self._range)


class PosePictures:
    """An `Estimator`; `estimate` gives the people of a frame."""

    def __init__(self, estimate: Callable[[Frame], Sequence[Figure]]) -> None:
        self._estimate = estimate

    def fit(self, frames: Iterable[Frame]) -> None:
        """Nothing is to be fitted."""

    def __call__(self, frame: Frame) -> Picture:
        return pose_picture(self._estimate(frame), frame.shape[:2])


def depth_range(inverses_HW: Sequence[np.ndarray]) -> tuple[float, float]:
    """What is black and what is white in all of some maps of inverse depth."""
    low, high = np.percentile(np.stack(inverses_HW), RANGE)
    return float(low), float(high)


def depth_picture(inverse_HW: np.ndarray, between: tuple[float, float]) -> Picture:
    """A map of inverse depth as lightness."""
    low, high = between
    share = np.clip((inverse_HW - low) / max(high - low, 1e-6), 0, 1)
    return np.repeat((255 * share).round().astype(np.uint8)[..., None], 3, 2)


def pose_picture(figures: Sequence[Figure], size: tuple[int, ...]) -> Picture:
    """People as bones on black; a bone is there where both of its ends are seen.

    Args:
        size: (height, width).
    """
    canvas = np.zeros((*size, 3), np.uint8)
    width = max(1, round(WIDTH * min(size)))
    place = {name: number for number, name in enumerate(JOINTS)}
    for figure in figures:
        at = [(round(x * 16), round(y * 16)) for x, y in figure.joints.tolist()]  # sixteenths of a pixel
        for start, end, colour in BONES:
            if figure.visible[place[start]] and figure.visible[place[end]]:
                cv2.line(canvas, at[place[start]], at[place[end]], colour, width, cv2.LINE_AA, 4)
    return canvas
