"""What every benchmark shares: its command line, and how it prints what it found."""

import argparse
import contextlib
import datetime
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from impasto.errors import ImpastoError
from impasto.evaluation.assets import asset
from impasto.evaluation.machine import machine


@dataclass(frozen=True)
class Measurement:
    figure: dict[str, float]
    """What is to be reached; the keys are fixed."""
    protocol: dict[str, Any]
    """All that one needs to know to measure the same again, and to judge the figure."""


def say(text: str) -> None:
    """Progress, on stderr: stdout is for the result alone."""
    print(text, file=sys.stderr, flush=True)


def pictures(name: str) -> list[Path]:
    """All pictures of a folder of the data folder, sorted by name."""
    return sorted(path for path in asset(name).iterdir() if path.suffix == ".jpg")


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
