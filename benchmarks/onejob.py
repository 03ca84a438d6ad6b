"""One job in a process of its own, as `impasto stylize` runs it, and what it took.

Run by the other benchmarks: `python -m benchmarks.onejob SOURCE STYLE OUTPUT PRESET`; prints a JSON object.
"""

import time

BEGUN = time.perf_counter()

import json  # noqa: E402 (the clock starts before the imports, which are part of the start-up)
import subprocess  # noqa: E402
import sys  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from pathlib import Path  # noqa: E402

from impasto.errors import ImpastoError  # noqa: E402
from impasto.guidance import Guidance, Style  # noqa: E402
from impasto.job.clock import peak_memory  # noqa: E402
from impasto.job.events import Event, LoadingModel, PreparingShot  # noqa: E402
from impasto.job.request import Request  # noqa: E402
from impasto.job.run import run  # noqa: E402
from impasto.stylizers.base import Preset  # noqa: E402


@dataclass(frozen=True)
class JobTimes:
    frames: int
    startup: float
    """Seconds of imports, loading, and making ready for each shot (statistics, adapting, compiling)."""
    work: float
    """Seconds of all the rest: shot detection, decoding, stylizing, encoding, joining."""
    peak_bytes: int


class Stopwatch:
    """Sorts the seconds between events into start-up and work."""

    def __init__(self) -> None:
        self.seconds = {"startup": time.perf_counter() - BEGUN, "work": 0.0}
        self.phase, self.since = "work", time.perf_counter()

    def __call__(self, event: Event) -> None:
        now = time.perf_counter()
        self.seconds[self.phase] += now - self.since
        preparing = isinstance(event, PreparingShot) and event.fraction < 1
        self.phase, self.since = "startup" if preparing or isinstance(event, LoadingModel) else "work", now

    def stop(self) -> None:
        self.seconds[self.phase] += time.perf_counter() - self.since


def run_job(source: Path, style: Path, output: Path, preset: Preset) -> JobTimes:
    """Start the job in a new process and wait for it; exits as it does where it fails."""
    command = [sys.executable, "-m", "benchmarks.onejob", str(source), str(style), str(output), preset]
    done = subprocess.run(command, stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit(done.returncode)  # it said why on stderr
    return JobTimes(**json.loads(done.stdout))


def _main(source: str, style: str, output: str, preset: Preset) -> None:
    watch = Stopwatch()
    guidance = Guidance(styles=(Style(image=Path(style)),))
    request = Request(source=Path(source), output=Path(output), guidance=guidance, preset=preset, overwrite=True)
    record = run(request, watch)
    watch.stop()
    times = JobTimes(record.frames, watch.seconds["startup"], watch.seconds["work"], peak_memory())
    print(json.dumps(vars(times)))


if __name__ == "__main__":
    try:
        _main(*sys.argv[1:])  # pyright: ignore[reportArgumentType]
    except ImpastoError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
