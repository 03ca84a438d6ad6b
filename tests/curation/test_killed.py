"""Curation in a process of its own that is killed outright, or a worker of which is."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from impasto.curation.curate import curate
from tests.cli.conftest import ROOT
from tests.curation.toy import settings, video

pytest.importorskip("pyarrow.parquet", reason="the extra curation is not installed")
PATIENCE = 600
SOURCES = ("world:4", "clips")
CURATE = f"""
import os, sys
from pathlib import Path
from impasto.curation import curate as module
from impasto.curation.spreading import OnRay, here
from tests.curation.toy import settings

make_item = module.make_item

def telling(item, config, folder):
    with open(f"told/{{os.getpid()}}", "ab", 0) as told:
        told.write(b".")
    return make_item(item, config, folder)

module.make_item = telling
spread = OnRay("local", 2) if sys.argv[1:] == ["ray"] else here
module.curate(Path("pairs"), settings(*{SOURCES}), spread)
"""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts to make pairs; every process adds a byte to `told/PID` for each pair that it begins."""
    (tmp_path / "clips").mkdir()
    (tmp_path / "told").mkdir()
    video(tmp_path / "clips" / "tiles.mp4")
    (tmp_path / "clips" / "broken.mp4").write_bytes(b"\0" * 5000)
    monkeypatch.chdir(tmp_path)
    started = []

    def run(*arguments: str) -> subprocess.Popen[str]:
        path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
        process = subprocess.Popen(
            [sys.executable, "-c", CURATE, *arguments],
            env={**os.environ, "PYTHONPATH": path, "RAY_worker_niceness": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()


def begun() -> dict[int, int]:
    """Pairs by the process that began them."""
    return {int(path.name): path.stat().st_size for path in Path("told").iterdir()}


def check_all_is_there_once(pairs: Path) -> None:
    """As an unbroken run in this process makes it, and the broken video is listed."""
    report = json.loads((pairs / "report.json").read_text())
    assert [Path(each["name"]).name for each in report["failed"]] == ["broken.mp4"]
    curate(Path("unbroken"), settings(*SOURCES))
    shards = [
        {path.name: path.read_bytes() for path in (place / "shards").iterdir()} for place in (pairs, Path("unbroken"))
    ]
    assert shards[0] == shards[1]
    assert {path.name for path in (pairs / "items").iterdir()} == {
        path.name for path in Path("unbroken/items").iterdir()
    }


def test_a_killed_run_goes_on_and_nothing_is_lost_or_made_twice(start):
    for pairs in (2, 4):
        process = start()
        while sum(begun().values()) < pairs:
            assert process.poll() is None, process.communicate()[1]
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    report = curate(Path("pairs"), settings(*SOURCES))
    assert report.planned == report.kept
    # What was at work when a run was killed is begun again, and nothing else.
    assert report.planned <= sum(begun().values()) + report.made_now <= report.planned + 2
    check_all_is_there_once(Path("pairs"))


def test_a_killed_worker_loses_its_pair_and_nothing_else(start):
    pytest.importorskip("ray", reason="the extra ray is not installed")
    process = start("ray")
    while not (victims := [pid for pid, pairs in begun().items() if pairs > 1]):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.01)
    os.kill(victims[0], signal.SIGKILL)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    check_all_is_there_once(Path("pairs"))
