"""A batch on a local Ray cluster, a worker of which is killed outright."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import ROOT
from tests.cli.test_killed import hashes
from tests.clips import make_clip

pytest.importorskip("ray", reason="the extra ray is not installed")

SHOTS = (70, 90, 60)
SEGMENT = 20
PATIENCE = 600
BATCH = f"""
import os, sys, time
from impasto.cli import main
from impasto.job import segments
from impasto.stylizers import registry
from tests.toy import TOY, Toy

class Telling(Toy):
    def stylize(self, frames, state):
        for painted in super().stylize(frames, state):
            with open(f"told/{{os.getpid()}}", "ab", 0) as told:
                told.write(b".")
            time.sleep(0.02)
            yield painted

segments.LONGEST = {SEGMENT}
registry.MODELS["toy"] = TOY.__class__(**vars(TOY) | {{"load": Telling}})
sys.exit(main())
"""


def scene(seed: int, frames: int) -> list[np.ndarray]:
    blocks = np.random.default_rng(seed).integers(0, 256, (6, 12, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    return [np.roll(blocks, n, axis=1)[:, :64] for n in range(frames)]


@pytest.fixture
def start(tmp_path: Path, painting: Path):
    """Starts `impasto batch` with a toy that adds a byte to `told/PID` for every frame that it paints."""
    pictures = [rgb for seed, frames in enumerate(SHOTS) for rgb in scene(seed, frames)]
    make_clip(tmp_path / "three.mp4", frames=len(pictures), pictures=pictures, sounds=["eng"])
    make_clip(tmp_path / "one.mkv", frames=30, pictures=scene(9, 30))
    (tmp_path / "list.txt").write_text("three.mp4\none.mkv\n")
    (tmp_path / "told").mkdir()

    started = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        asked = ["batch", "list.txt", "--style", str(painting), "--model", "toy", "--json", *arguments]
        process = subprocess.Popen(
            [sys.executable, "-c", BATCH, *asked],
            cwd=tmp_path,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
                "RAY_worker_niceness": "0",  # by default workers wait for everything else on the machine
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()


def painted(folder: Path) -> dict[int, int]:
    """Frames by the process that painted them."""
    return {int(path.name): path.stat().st_size for path in (folder / "told").iterdir()}


def test_a_killed_worker_loses_its_segment_and_nothing_else(start, tmp_path):
    process = start("-o", "many", "--on", "local", "--workers", "2")
    # The second segment of a shot: what the first one left has to be handed over.
    while not (victims := [pid for pid, frames in painted(tmp_path).items() if frames > SEGMENT + 5]):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.01)
    os.kill(victims[0], signal.SIGKILL)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    by_process = painted(tmp_path)
    assert [row["state"] for row in json.loads(out)["runs"]] == ["done", "done"]
    assert len(by_process) >= 3, "two workers and the one that took the place of the dead one"
    assert sum(by_process.values()) - sum(SHOTS) - 30 <= SEGMENT
    assert {path.name for path in (tmp_path / "many").iterdir()} == {
        *("three.mp4", "three.run.json", "one.mkv", "one.run.json")
    }
    one, err = start("-o", "one").communicate(timeout=PATIENCE)
    assert [row["state"] for row in json.loads(one)["runs"]] == ["done", "done"], err
    for name in ("three.mp4", "one.mkv"):
        assert hashes(tmp_path / "many" / name) == hashes(tmp_path / "one" / name)
