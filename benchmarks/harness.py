"""What every benchmark shares: its command line, where its data lies, and what the machine is."""

import argparse
import contextlib
import datetime
import json
import os
import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from impasto.errors import ImpastoError, ModelError
from impasto.weights.paths import assets_dir


@dataclass(frozen=True)
class Measurement:
    figure: dict[str, float]
    """What is to be reached; the keys are fixed."""
    protocol: dict[str, Any]
    """All that one needs to know to measure the same again, and to judge the figure."""


def say(text: str) -> None:
    """Progress, on stderr: stdout is for the result alone."""
    print(text, file=sys.stderr, flush=True)


def asset(name: str) -> Path:
    """A file or folder of the data folder.

    Raises:
        ModelError: it is not there.
    """
    path = assets_dir() / name
    if not path.exists():
        raise ModelError(f"Nothing to measure on: {path} is missing; set IMPASTO_ASSETS (see docs/data.md).")
    return path


def pictures(name: str) -> list[Path]:
    """All pictures of a folder of the data folder, sorted by name."""
    return sorted(path for path in asset(name).iterdir() if path.suffix == ".jpg")


def machine() -> dict[str, Any]:
    """Processor, cores, what arithmetic it has, and the versions that decide speed."""
    import openvino

    core = openvino.Core()
    cpuinfo = Path("/proc/cpuinfo")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "cpu": core.get_property("CPU", "FULL_DEVICE_NAME"),
        "cores": cores,
        "bf16": "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"),
        "amx": cpuinfo.exists() and "amx_bf16" in cpuinfo.read_text(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("impasto", "torch", "openvino", "av")},
    }


def main(name: str, measure: Callable[[bool], Measurement]) -> None:
    """Run a benchmark from the command line; exits as `impasto` does, so 3 where data or weights are missing."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{name}", description=sys.modules["__main__"].__doc__)
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    parser.add_argument(
        "--quick", action="store_true", help="a few items, to see that it runs; the figure means little"
    )
    options = parser.parse_args()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            result = measure(options.quick)
            protocol = {
                "command": f"python -m benchmarks.{name} --json{' --quick' if options.quick else ''}",
                "date": datetime.date.today().isoformat(),
                **result.protocol,
                "machine": machine(),
            }
    except ImpastoError as error:
        say(str(error))
        sys.exit(error.exit_code)
    figure = {key: round(value, 4) for key, value in result.figure.items()}
    if options.json:
        print(json.dumps({"name": name, "figure": figure, "protocol": protocol}))
    else:
        print("\n".join(f"{name} {key}: {value}" for key, value in figure.items()))
