"""A job that is killed again and again and gone on with: whether its frames are those of an unbroken one."""

import hashlib
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.harness import Measurement, main, say
from benchmarks.memory import HEIGHT, WIDTH, texture, write_clip
from impasto.guidance import Guidance, Style
from impasto.job import segments
from impasto.job.events import Event, FrameDone
from impasto.job.journal import Journal
from impasto.job.request import Request
from impasto.job.run import run
from impasto.job.workfolder import JOURNAL
from impasto.video.files import work_path
from impasto.video.source import open_source

FRAMES = 600
SEGMENT = 25
"""Frames: shorter than those of a real job, so that there are many to lose."""
KILLS = 30
SEED = 0


@dataclass(frozen=True)
class Job:
    clip: Path
    style: Path
    output: Path

    def start(self) -> subprocess.Popen[bytes]:
        """`impasto stylize` in a process of its own, which prints a byte for every frame that it has painted."""
        command = [sys.executable, "-m", "benchmarks.resume", str(self.clip), str(self.style), str(self.output)]
        return subprocess.Popen(command, stdout=subprocess.PIPE)

    @property
    def finished(self) -> int:
        """Segments that need not be painted again."""
        return len(Journal(work_path(self.output) / JOURNAL).finished)


def _work(clip: str, style: str, output: str) -> None:
    def tell(event: Event) -> None:
        if isinstance(event, FrameDone):
            os.write(sys.stdout.fileno(), b".")

    segments.LONGEST = SEGMENT
    guidance = Guidance(styles=(Style(image=Path(style)),))
    run(Request(source=Path(clip), output=Path(output), guidance=guidance, preset="draft"), tell)


def complete(job: Job) -> float:
    """Run a job to its end; returns seconds."""
    begun = time.perf_counter()
    process = job.start()
    process.communicate()
    if process.returncode:
        sys.exit(process.returncode)  # it said why on stderr
    return time.perf_counter() - begun


def kill_once(job: Job, moments: random.Random, startup: float) -> int | None:
    """Start or go on with a job and kill it; returns the segments begun in vain, None where the job was complete.

    The moment is drawn in frames, since seconds mean little on a machine that does other work as well.
    """
    before, wanted = job.finished, moments.randint(0, 2 * SEGMENT)
    process = job.start()
    assert process.stdout
    painted = len(process.stdout.read(wanted))
    time.sleep(moments.uniform(0, 0.2 if wanted else startup))
    process.kill()
    painted += len(process.communicate()[0])
    if process.returncode > 0:
        sys.exit(process.returncode)
    if process.returncode == 0 or (job.output.exists() and not work_path(job.output).exists()):
        return None
    return -(-painted // SEGMENT) - (job.finished - before)


def hashes(path: Path) -> list[str]:
    return [hashlib.sha256(frame.rgb.tobytes()).hexdigest() for frame in open_source(path).frames()]


def measure(quick: bool = False) -> Measurement:
    kills, frames = (3, 100) if quick else (KILLS, FRAMES)
    moments = random.Random(SEED)
    repeated: list[int] = []
    outputs: list[list[str]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clip, style = folder / "clip.mp4", folder / "style.png"
        write_clip(clip, frames)
        Image.fromarray(texture(np.random.default_rng(1))).save(style)
        unbroken = Job(clip, style, folder / "unbroken.mp4")
        seconds = complete(unbroken)
        say(f"unbroken: {seconds:.1f} s")
        job = Job(clip, style, folder / "killed.mp4")
        while len(repeated) < kills:
            in_vain = kill_once(job, moments, seconds / 2)
            if in_vain is not None:
                repeated.append(in_vain)
                say(f"kill {len(repeated)}: {job.finished} segments there, {in_vain} begun in vain")
            else:
                outputs.append(hashes(job.output))
                job.output.unlink()
                say(f"job {len(outputs)} is complete; another one begins")
        complete(job)
        outputs.append(hashes(job.output))
        expected = hashes(unbroken.output)
    same = [mine == theirs for output in outputs for mine, theirs in zip(output, expected, strict=True)]
    return Measurement(
        {"identical": sum(same) / len(same), "repeated": max(repeated)},
        {
            "clip": f"{WIDTH}x{HEIGHT}, {frames} frames, H.264",
            "model": "swift, preset draft",
            "segments": f"of at most {SEGMENT} frames",
            "kills": f"{len(repeated)} with SIGKILL, each up to 0.2 s after 1 to {2 * SEGMENT} more frames were "
            f"painted, or some seconds after the start; seed {SEED}",
            "jobs": f"{len(outputs)} completed meanwhile, each begun when the one before it was complete",
            "identical": "share of frames whose decoded pixels have the SHA-256 of the unbroken job's",
            "repeated": "most segments that were begun before a kill and were not finished",
            "unbroken_seconds": round(seconds, 1),
        },
    )


if __name__ == "__main__":
    if len(sys.argv) == 4:
        _work(*sys.argv[1:])
    else:
        main("resume", measure)
