"""Repainting the frames of a segment with a network, steadied and mixed as the user wants."""

from collections.abc import Iterable, Iterator

import numpy as np

from impasto.guidance import Guidance
from impasto.motion.stabilize import Stabilizer
from impasto.stylizers.base import FrameArray, State
from impasto.stylizers.blending import blend
from impasto.stylizers.feedforward.margins import Engine


def repaint_steadily(
    frames: Iterable[FrameArray], state: State, engine: Engine, guidance: Guidance
) -> Iterator[FrameArray]:
    """One repainted frame for each; `state` carries the stabiliser's last frame."""
    stabilizer = Stabilizer()
    stabilizer.carry = dict(state)
    for source in frames:
        if guidance.strength == 0:
            yield source
            continue
        steady = stabilizer(source, engine(source))
        state.update(stabilizer.carry)
        yield np.clip(blend(source, steady, guidance), 0, 1)
