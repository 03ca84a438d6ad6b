"""A real model, small enough to know its every pixel."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from impasto.guidance import Guidance
from impasto.stylizers.base import Capabilities, FrameArray, Model, Preset, ShotFrames, State

CAPABILITIES = Capabilities(takes=frozenset({"style", "mixed styles", "preserve color"}), needs=frozenset({"style"}))


class Toy:
    """Turns colours towards their negative, shifted by the shot's mean; every frame a little darker than the last.

    The darkening counts frames in `state`, so that a wrong hand-over between segments or shots shows in the pixels.
    """

    def __init__(self, preset: Preset):
        self._guidance = Guidance()
        self._mean = np.zeros(3, np.float32)

    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        self._guidance = guidance
        progress(0.0)
        frames = shot.sample([shot.count - 1, 0])
        self._mean = np.mean([frame.mean((0, 1)) for frame in frames], axis=0, dtype=np.float32)
        progress(1.0)

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        for frame in frames:
            count = state.get("count", np.zeros(()))
            painted = np.clip((1 - frame) * 0.8 + 0.2 * self._mean - 0.002 * count, 0, 1)
            state["count"] = count + 1
            share = np.float32(self._guidance.strength)
            yield (frame + share * (painted - frame)).astype(np.float32)


TOY = Model(
    name="toy",
    family="test",
    summary="Negative colours.",
    licence="Apache-2.0",
    source="embedded",
    capabilities=CAPABILITIES,
    load=Toy,
)
