"""Where a run is, in words."""

from collections.abc import Callable

from impasto.job.events import Event, FindingShots, FrameDone, Joining, LoadingModel, PreparingShot
from impasto.job.wording import clock_text

Now = Callable[[], float]


class Status:
    """Where one run is, as far as its events tell."""

    def __init__(self, task: str, now: Now):
        self._task, self._now = task, now
        self._first: tuple[int, float] | None = None
        """The frame that was done first, and when: a run may go on with an earlier one."""

    def after(self, event: Event) -> tuple[str, float, str] | None:
        """What is done, its share, and a detail; None: as before."""
        match event:
            case FindingShots(fraction):
                return "Finding shots", fraction, f"{fraction:.0%}"
            case LoadingModel(name):
                return f"Loading {name}", 0, ""
            case PreparingShot(shot, shots, fraction):
                which = f" {shot + 1} of {shots}" if shots > 1 else ""
                return f"Preparing shot{which}", fraction, f"{fraction:.0%}"
            case FrameDone(done, total):
                return self._task, done / total, self._rate(done, total)
            case Joining():
                return "Writing the output", 1.0, ""
        return None

    def _rate(self, done: int, total: int) -> str:
        if self._first is None:
            self._first = done, self._now()
        frames, seconds = done - self._first[0], self._now() - self._first[1]
        detail = f"{done}/{total} frames"
        if frames > 0 and seconds > 0:
            rate = frames / seconds
            detail += f", {rate:.1f} fps, {clock_text((total - done) / rate)} left"
        return detail
