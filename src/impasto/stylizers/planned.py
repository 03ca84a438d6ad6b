"""Networks that are planned from numbers, loaded to the machine's memory, and placed once the size is known."""

from collections.abc import Callable, Iterable, Iterator

import torch

from impasto.diffusion.memory import MemoryPlan
from impasto.guidance import Guidance
from impasto.stylizers.base import FrameArray, Needs, ShotFrames, State, Stylizer


def needs_of(plan: MemoryPlan, device: torch.device) -> Needs:
    """What a run by a plan takes of the machine and of its accelerator."""
    on_cpu = device.type == "cpu"
    return Needs(
        memory_bytes=plan.device_bytes if on_cpu else plan.host_bytes,
        device_bytes=0 if on_cpu else plan.device_bytes,
        lines=tuple(plan.lines()),
    )


class PlacedAtFirstShot:
    """The stylizer that `place` makes for the guidance and clip of the first shot; see `impasto.stylizers.base`."""

    def __init__(self, place: Callable[[Guidance, ShotFrames], Stylizer]) -> None:
        self._place = place
        self._placed: Stylizer | None = None

    def prepare(self, guidance: Guidance, shot: ShotFrames, progress: Callable[[float], None]) -> None:
        """Place the networks where they are not yet, then prepare the shot.

        Raises:
            ResourceError: the memory that was free does not do for frames of this size.
        """
        if self._placed is None:
            self._placed = self._place(guidance, shot.clip)
        self._placed.prepare(guidance, shot, progress)

    def stylize(self, frames: Iterable[FrameArray], state: State) -> Iterator[FrameArray]:
        """Raises `ResourceError` where memory ends after all."""
        assert self._placed is not None, "prepare first"
        return self._placed.stylize(frames, state)
