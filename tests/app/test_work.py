"""The program that runs a job ends when it is told to, whatever became of the interrupt."""

import io
import json
import signal
from pathlib import Path

import pytest

from impasto.app import work
from impasto.app.child import Child
from impasto.app.limits import Limits
from impasto.app.order import REQUEST, RESULT
from impasto.errors import Interrupted
from impasto.job.events import LoadingModel
from tests.clips import make_clip


def test_a_run_ends_at_its_next_word_where_the_interrupt_was_lost():
    told = io.StringIO()
    telling = work.Telling(work.Words(told))
    telling(LoadingModel("swift"))
    work.STOPPING.set()
    try:
        with pytest.raises(KeyboardInterrupt):
            telling(LoadingModel("swift"))
    finally:
        work.STOPPING.clear()
    assert len(told.getvalue().splitlines()) == 1


def test_a_run_ends_under_a_server_that_ignores_interrupts(tmp_path: Path):
    make_clip(tmp_path / "clip.mp4", size=(64, 48), frames=12)
    row = {"source": "clip.mp4", "output": RESULT, "style": "van-gogh-irises", "preset": "draft"}
    (tmp_path / REQUEST).write_text(json.dumps(row))
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as for what a shell runs with `&`
    try:
        child = Child("run", tmp_path, Limits(), 300)
    finally:
        signal.signal(signal.SIGINT, before)
    tasks = []
    for said in child.messages():
        tasks.append(said.get("task", ""))
        if tasks[-1].startswith("Loading"):
            child.stop()
    assert f"(exit code {Interrupted.exit_code})" in child.outcome
    assert "Repainting" not in tasks
    assert not (tmp_path / RESULT).exists()
