"""How much a video moves, and how smoothly (after VBench; Huang 2024).

Legend: H height, W width. Frames are float RGB [H, W, 3] in [0, 1].
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise

import numpy as np

from impasto.errors import InputError, UnsupportedOption
from impasto.evaluation.metrics.frames import Frame, checked
from impasto.evaluation.metrics.protocol import MetricProtocol
from impasto.motion.flow import DisFlow, Flow, gray
from impasto.motion.warp import warp

RATE = 8
"""Frames a second that are looked at."""
TOP = 0.05
"""Share of the pixels, the fastest ones, whose motion counts."""
SLOWEST = 6 / 256
"""Short sides that the fastest pixels of a dynamic pair cross in 1 / RATE seconds."""
DYNAMIC = 4 / 16
"""Pairs for each frame that must be dynamic."""
SMALLEST = 16
"""Pixels of the shortest side that the flow takes."""

DYNAMIC_DEGREE = MetricProtocol(
    name="dynamic degree-nano",
    better="neither",
    definition=f"mean length in pixels of the fastest {TOP:.0%} of the flow; a pair is dynamic above 6 min(H, W) / 256 "
    f"in 1/{RATE} s, a video where round(n / 4) of n frames are (Huang 2024); over videos, the share that is",
    extractor="DIS flow (OpenCV, medium) of the video itself, in place of RAFT",
    frames=f"every k-th, so that about {RATE} a second remain; the threshold is scaled to what remains",
    trap="binary for a video; the length in pixels grows with the size; wrong flow on flicker counts as motion",
)
MOTION_SMOOTHNESS = MetricProtocol(
    name="motion smoothness-nano",
    better="higher",
    definition="1 - mean absolute difference of each odd frame from the one interpolated between its neighbours (Huang "
    "2024)",
    extractor="both neighbours warped half way along DIS flow (OpenCV, medium), in place of AMT",
    frames="every second frame; mean",
    trap="rewards stillness and blur; flow errors on strong textures count as jerks",
)


@dataclass(frozen=True)
class DynamicDegree:
    dynamic: bool
    magnitude: float
    """Mean over pairs of the length of the fastest pixels' flow, in pixels from one sampled frame to the next."""
    threshold: float
    """Magnitude above which a pair is dynamic."""


def dynamic_degree(frames: Iterable[Frame], fps: Fraction) -> DynamicDegree:
    """Whether a video moves, and how much, in memory that does not grow with its length.

    Args:
        fps: frames a second of the video.

    Raises:
        InputError: too few frames for a pair, or one is no picture, too small or of another size (says which).
        UnsupportedOption: fps is not positive.
    """
    if fps <= 0:
        raise UnsupportedOption(f"A rate of {fps} frames a second is out of range; give a positive number.")
    step = max(1, round(fps / RATE))
    estimate, magnitudes, side = DisFlow("medium"), [], 0
    for first, second in pairwise(islice(checked(frames, step + 1), 0, None, step)):
        side = min(first.shape[:2])
        magnitudes.append(top_magnitude(estimate(_gray(first), _gray(second))))
    # VBench holds every rate to one threshold; scaled by the time of a pair, it stays one speed.
    threshold = SLOWEST * side * float(RATE * step / fps)
    # VBench asks for no pair at all of two frames, and would call every such video dynamic.
    needed = max(1, round(DYNAMIC * (len(magnitudes) + 1)))
    dynamic = sum(magnitude > threshold for magnitude in magnitudes) >= needed
    return DynamicDegree(dynamic, float(np.mean(magnitudes)), threshold)


def top_magnitude(flow: Flow) -> float:
    """Mean length of the fastest 5 % of the flow, in pixels."""
    lengths = np.hypot(flow[..., 0], flow[..., 1]).ravel()
    count = max(1, int(TOP * lengths.size))
    return float(np.partition(lengths, -count)[-count:].mean())


def motion_smoothness(frames: Iterable[Frame]) -> float:
    """How well every second frame can be told from its neighbours: 1 where motion is even.

    Raises:
        InputError: fewer than three frames, or one is no picture, too small or of another size (says which).
    """
    errors = []
    for (first, middle), (_, last) in islice(pairwise(pairwise(checked(frames, 3))), 0, None, 2):
        errors.append(float(np.abs(middle - halfway(first, last)).mean(dtype=np.float64)))
    return 1 - float(np.mean(errors))


def halfway(first: Frame, second: Frame) -> Frame:
    """The frame in the middle of two, [H, W, 3]: both warped half way along the flow (Jiang 2018, eq. 4, t = 1/2).

    Raises:
        InputError: a side is too short for the flow.
    """
    estimate = DisFlow("medium")
    grays = _gray(first), _gray(second)
    # Half of the mean of the two flows; where a pixel is hidden in one frame both still count.
    back = (estimate(grays[1], grays[0]) - estimate(*grays)) * np.float32(0.25)
    return (warp(first.astype(np.float32), back) + warp(second.astype(np.float32), -back)) * np.float32(0.5)


def _gray(frame: Frame) -> np.ndarray:
    height, width = frame.shape[:2]
    if min(height, width) < SMALLEST:
        raise InputError(f"The frames are {width}x{height} pixels; flow needs sides of at least {SMALLEST}.")
    return gray(np.round(frame * 255).astype(np.uint8))
