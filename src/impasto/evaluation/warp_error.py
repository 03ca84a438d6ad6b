"""How much a repainted video flickers: its change along the motion of its source.

For frames t and t + step: the flow of the *source*, forward and backward; a pixel counts where the two agree and it
stays inside the frame. Error = mean of (output_t - output_{t+step} seen along the flow)^2 over those pixels and the
channels, RGB in [0, 1] (Lai 2018, with the consistency check of Ruder 2016).
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from impasto.motion.flow import DisFlow, FlowEstimator, gray
from impasto.motion.occlusion import consistent
from impasto.motion.warp import warp

Frame = NDArray[np.uint8]
"""RGB [H, W, 3]"""
STEPS = {"short": 1, "long": 5}
"""Frames between the two that are compared."""


@dataclass(frozen=True)
class WarpError:
    """Means over the pairs of frames; errors times 1000."""

    output: float
    source: float
    used: float
    """Share of the pixels that count."""
    pairs: int


def _unit(frame: Frame) -> NDArray[np.float32]:
    return np.divide(frame, 255, dtype=np.float32)


def _pair_error(
    sources: tuple[Frame, Frame], outputs: tuple[Frame, Frame], estimate: FlowEstimator
) -> tuple[float, float, float] | None:
    first, second = (gray(frame) for frame in sources)
    forward, backward = estimate(first, second), estimate(second, first)
    used = consistent(forward, backward)
    if not used.any():
        return None
    errors = []
    for before, after in (outputs, sources):
        difference = _unit(before) - warp(_unit(after), forward)
        errors.append(1000 * float(np.square(difference)[used].mean()))
    return errors[0], errors[1], float(used.mean())


def warp_error(sources: Iterable[Frame], outputs: Iterable[Frame], step: int = 1) -> WarpError:
    """Measure a video against its source; step 1 is short-term, 5 long-term.

    Raises:
        ValueError: the two differ in length or size, or there is no pair to measure.
    """
    estimate = DisFlow("medium")
    past: deque[tuple[Frame, Frame]] = deque(maxlen=step + 1)
    rows = []
    for source, output in zip(sources, outputs, strict=True):
        if source.shape != output.shape:
            raise ValueError(f"frames of the two videos differ: {source.shape = }, {output.shape = }")
        past.append((source, output))
        if len(past) > step:
            row = _pair_error((past[0][0], source), (past[0][1], output), estimate)
            if row:
                rows.append(row)
    if not rows:
        raise ValueError(f"no two frames {step} apart whose flow can be trusted")
    of_output, of_source, used = np.mean(rows, axis=0)
    return WarpError(float(of_output), float(of_source), float(used), len(rows))
