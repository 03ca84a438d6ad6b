"""Any model, with styles that change within a shot: frames of two looks are cross-faded."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, tee

import numpy as np

from impasto.guidance import Guidance
from impasto.job.looks import Look
from impasto.stylizers.base import FrameArray, ShotFrames, State, Stylizer

_FRAME = "frame"
"""Key of the state: number of the next frame."""


class Changing:
    """Repaints the shots of a plan with one stylizer, and a second one while a look becomes the next.

    What a frame shows depends on its number alone, so that segments may end anywhere, within a fade too.
    """

    def __init__(self, load: Callable[[], Stylizer]) -> None:
        self._load = load
        self._free = {Guidance(): load()}
        """By what each made ready for last, which it need not learn again."""
        self._ready: dict[Look, Stylizer] = {}

    def prepare(
        self, guidance: Guidance, looks: Sequence[Look], shot: ShotFrames, progress: Callable[[float], None]
    ) -> None:
        """Make ready for a shot with these looks; those after the first are made ready when they begin."""
        self._guidance, self._looks, self._shot, self._progress = guidance, looks, shot, progress
        self._keep([])
        self._stylizer(looks[0])

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        """See `Stylizer.stylize`."""
        if len(self._looks) == 1:
            yield from self._stylizer(self._looks[0]).stylize(frames, state)
            return
        rest = iter(frames)
        for first in rest:
            number = int(state.get(_FRAME, self._looks[0].start))
            showing, stop = self._showing(number)
            passage = chain([first], rest if stop is None else islice(rest, stop - number - 1))
            states = [_taken(state, str(self._looks.index(look))) for look in showing]
            self._keep(showing)
            for painted in self._passage(showing, number, passage, states):
                number += 1
                yield painted
            state.clear()
            state[_FRAME] = np.asarray(number)
            for look, own in zip(showing, states, strict=True):
                state |= {f"{self._looks.index(look)}:{key}": value for key, value in own.items()}

    def _showing(self, number: int) -> tuple[list[Look], int | None]:
        """The looks, one or two, that a frame shows, and the frame at which this changes."""
        last = max(place for place, look in enumerate(self._looks) if look.start <= number)
        look = self._looks[last]
        if number < look.whole:
            return list(self._looks[last - 1 : last + 1]), look.whole
        return [look], self._looks[last + 1].start if last + 1 < len(self._looks) else None

    def _passage(
        self, showing: list[Look], number: int, frames: Iterator[FrameArray], states: list[State]
    ) -> Iterator[FrameArray]:
        if len(showing) == 1:
            yield from self._stylizer(showing[0]).stylize(frames, states[0])
            return
        painted = [
            self._stylizer(look).stylize(own, state)
            for look, own, state in zip(showing, tee(frames), states, strict=True)
        ]
        for frame, (before, after) in enumerate(zip(*painted, strict=True), number):
            yield before + np.float32(showing[1].share(frame)) * (after - before)

    def _stylizer(self, look: Look) -> Stylizer:
        if look not in self._ready:
            guidance = look.of(self._guidance)
            free = guidance if guidance in self._free else next(iter(self._free), None)
            stylizer = self._load() if free is None else self._free.pop(free)
            stylizer.prepare(guidance, self._shot, self._progress)
            self._ready[look] = stylizer
        return self._ready[look]

    def _keep(self, looks: Sequence[Look]) -> None:
        for look in [look for look in self._ready if look not in looks]:
            self._free[look.of(self._guidance)] = self._ready.pop(look)


def _taken(state: State, look: str) -> State:
    return {key.removeprefix(f"{look}:"): value for key, value in state.items() if key.startswith(f"{look}:")}
