"""Running the command line inside the test."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from impasto.cli import main

ROOT = Path(__file__).parents[2]
WITH_TOY = (
    "import sys; from impasto.stylizers import registry; from tests.toy import TOY; registry.MODELS['toy'] = TOY; "
    "from impasto.cli import main; sys.exit(main())"
)


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def sentence(self) -> str:
        """The last line of stderr: what went wrong."""
        return self.err.strip().splitlines()[-1]


@pytest.fixture
def impasto(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Runs `impasto ARGUMENTS` in the test's own folder."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: object) -> Ran:
        code = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return run


@pytest.fixture
def start(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts `impasto ARGUMENTS`, which then knows the toy model, as a process of its own in the test's folder."""

    def run(*arguments: object, **options) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", WITH_TOY, *map(str, arguments)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    return run
