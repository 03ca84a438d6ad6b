"""Runs that are killed outright, or stopped by a full disk, and gone on with: in processes of their own."""

import hashlib
import json
import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from impasto.video.source import open_source
from tests.cli.conftest import ROOT
from tests.clips import make_clip

FRAMES = 240
SEGMENT = 20
STYLIZE = f"""
import os, sys
from impasto.cli import main
from impasto.job import segments
from impasto.stylizers import registry
from tests.toy import TOY, Toy

class Telling(Toy):
    def stylize(self, frames, state):
        for painted in super().stylize(frames, state):
            os.write(told, b".")
            yield painted

told = os.open("told", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
segments.LONGEST = {SEGMENT}
registry.MODELS["toy"] = TOY.__class__(**vars(TOY) | {{"load": Telling}})
sys.exit(main())
"""


@pytest.fixture
def stylize(tmp_path: Path, painting: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts `impasto stylize` with a toy that adds a byte to the file `told` for every frame that it paints."""
    make_clip(tmp_path / "in.mp4", frames=FRAMES, sounds=["eng"])

    def start(output: str, **how) -> subprocess.Popen[str]:
        asked = ["stylize", "in.mp4", "--style", str(painting), "--model", "toy", "-o", output]
        return subprocess.Popen(
            [sys.executable, "-c", STYLIZE, *asked],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **how,
        )

    return start


def finish(process: subprocess.Popen[str]) -> str:
    out, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    return out + err


def painted(folder: Path) -> int:
    """Frames that all processes together have painted."""
    path = folder / "told"
    return path.stat().st_size if path.exists() else 0


def finished(output: Path) -> int:
    """Segments that the journal names."""
    journal = output.with_name(output.name + ".impasto") / "journal.jsonl"
    return sum('"stop"' in line for line in journal.read_text().split("\n")[:-1]) if journal.exists() else 0


def hashes(path: Path) -> list[str]:
    return [hashlib.sha256(frame.rgb.tobytes()).hexdigest() for frame in open_source(path).frames()]


def test_killed_at_random_moments(stylize, tmp_path):
    finish(stylize("whole.mp4"))
    whole, moments = hashes(tmp_path / "whole.mp4"), random.Random(1)
    output = tmp_path / "out.mp4"
    there, most = 0, 0
    for _ in range(5):
        before, wanted = painted(tmp_path), moments.randint(1, 2 * SEGMENT)
        process = stylize("out.mp4")
        while painted(tmp_path) < before + wanted and process.poll() is None:
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.03))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert not output.exists()
        lost = painted(tmp_path) - before - SEGMENT * (finished(output) - there)
        there, most = finished(output), max(most, lost)
    assert 0 < there < FRAMES // SEGMENT
    assert 0 < most <= SEGMENT
    said = finish(stylize("out.mp4"))
    assert f"Going on with an earlier run: {there} of {FRAMES // SEGMENT} segments there already." in said
    assert hashes(output) == whole
    assert json.loads((tmp_path / "out.run.json").read_text())["resumed_segments"] == there
    assert not (tmp_path / "out.mp4.impasto").exists()


def test_a_disk_that_is_full_and_then_freed(stylize, tmp_path):
    """The system refuses to make a file longer than a limit: to the program the same as a disk without room.

    In PNG files no frame is too large, so it is the journal that breaks off in the middle of a line.
    """

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_100, 2_100))

    finish(stylize("whole"))
    process = stylize("out", preexec_fn=little_room)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 4, err
    assert "disk is full" in err.strip().splitlines()[-1]
    assert "run the same command again" in err
    assert not (tmp_path / "out").exists()
    there = finished(tmp_path / "out")
    assert 0 < there < FRAMES // SEGMENT
    before = painted(tmp_path)
    assert f"{there} of " in finish(stylize("out"))
    assert painted(tmp_path) - before == FRAMES - there * SEGMENT
    assert hashes(tmp_path / "out") == hashes(tmp_path / "whole")
