"""`impasto evaluate fixture`: does this installation measure what it should?"""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from impasto.cli.options import Switch
from impasto.cli.output import print_json, print_table, say
from impasto.errors import OutputProblem

if TYPE_CHECKING:
    from impasto.evaluation.fixture.expected import Number


def fixture(
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    json: Annotated[bool, Switch] = False,
) -> int:
    """Measure five tiny clips made by code, and compare with the numbers that every machine must find.

    Exit code 1 where a number differs, or is missing. About half a minute.

    Parameters
    ----------
    output
        A new folder that keeps the clips, lossless, and fixture.json with the numbers.
    json
        Print the numbers as one JSON object.
    """
    if output and output.exists() and not (output.is_dir() and not any(output.iterdir())):
        raise OutputProblem(f"{str(output)!r} exists; give a new or an empty folder.")

    from impasto.evaluation.fixture.check import compared
    from impasto.evaluation.fixture.clips import fixture_clips
    from impasto.evaluation.fixture.embedded import embedded_metrics
    from impasto.evaluation.fixture.expected import expected_numbers
    from impasto.evaluation.fixture.madeclip import measure
    from impasto.evaluation.machine import machine
    from impasto.evaluation.textfiles import write_json
    from impasto.job.versions import package_versions

    with TemporaryDirectory() as temporary:
        metrics = list(embedded_metrics().values())
        measured = measure(fixture_clips(), metrics, output or Path(temporary), say)
    checks = compared(measured, expected_numbers())
    failures = [check for check in checks if check.failed]
    told = {"ok": not failures, "machine": machine(), "versions": package_versions(), "checks": checks}
    if output:
        write_json(output / "fixture.json", told)
    if json:
        print_json(told)
        return 1 if failures else 0
    print_table(
        ["clip", "metric", "expected", "within", "measured", "", ""],
        [
            [c.clip, c.metric, _text(c.expected), _text(c.tolerance), _text(c.measured), c.verdict, c.reason or c.known]
            for c in checks
        ],
    )
    there = sum(check.expected is not None for check in checks)
    print(f"{there - len(failures)} of {there} numbers are as they should be.")
    return 1 if failures else 0


def _text(number: "Number | None") -> str:
    return "-" if number is None else f"{float(number):.5g}"
