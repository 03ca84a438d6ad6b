"""Repainting the frames of a segment with a network, steadied and mixed as the user wants."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np

from impasto.guidance import Guidance
from impasto.motion.stabilize import Stabilizer, StabilizerConfig
from impasto.stylizers.base import FrameArray, State
from impasto.stylizers.blending import blend
from impasto.stylizers.feedforward.graph import FRAMES_AT_ONCE
from impasto.stylizers.feedforward.margins import Engine
from impasto.stylizers.painted.anchor import Anchor

FOLLOWING = StabilizerConfig(weight=0.9, tolerance=0.14, flow="medium")
"""Behind a painted frame: what a person painted has more contrast than what the network makes up, so that half a pixel
beside the motion shows."""
ANCHOR = "anchor "
"""Begins the keys of the state that are the anchor's."""


def repaint_steadily(
    frames: Iterable[FrameArray], state: State, engine: Engine, guidance: Guidance, anchor: Anchor | None = None
) -> Iterator[FrameArray]:
    """One repainted frame for each; `state` carries what the stabiliser remembers, and the painted frame's anchor."""
    if guidance.strength == 0:
        yield from frames
        return
    stabilizer = Stabilizer(None if anchor is None else FOLLOWING)
    stabilizer.carry = {key: value for key, value in state.items() if not key.startswith(ANCHOR)}
    if anchor is not None:
        anchor.carry = {key.removeprefix(ANCHOR): state[key] for key in state if key.startswith(ANCHOR)}
    for source, painted in _painted(frames, engine):
        if anchor is not None:
            painted = anchor(source, painted)
            state.update({ANCHOR + key: value for key, value in anchor.carry.items()})
        steady = stabilizer(source, painted)
        state.update(stabilizer.carry)
        yield np.clip(blend(source, steady, guidance), 0, 1)


def _painted(frames: Iterable[FrameArray], engine: Engine) -> Iterator[tuple[FrameArray, FrameArray]]:
    """Each frame with what the engine makes of it; the next ones are in the engine while the caller works on this."""
    with ThreadPoolExecutor(FRAMES_AT_ONCE, "engine") as pool:
        waiting: deque[tuple[FrameArray, Future[FrameArray]]] = deque()
        for source in frames:
            waiting.append((source, pool.submit(engine, source)))
            if len(waiting) > FRAMES_AT_ONCE:
                source, painted = waiting.popleft()
                yield source, painted.result()
        for source, painted in waiting:
            yield source, painted.result()
