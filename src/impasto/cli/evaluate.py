"""`impasto evaluate`: measuring, and tables that compare methods."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.cli.options import Switch
from impasto.cli.output import print_json, print_table
from impasto.errors import UnsupportedOption

TABLES = ("flicker",)
DOCUMENTATION = Path("docs/tables")


def table(
    name: str,
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    only: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = (),
    rows: Annotated[bool, Switch] = False,
    quick: Annotated[bool, Switch] = False,
    json: Annotated[bool, Switch] = False,
) -> int:
    """Compute a table of the documentation, row by row, and write it; run it again to go on after a stop.

    Exit code 1 where a row failed. Needs the data folder (docs/data.md).

    Parameters
    ----------
    name
        flicker: how steady each method is, how near to the style, how fast.
    output
        Folder for NAME.json, NAME.md, the plot and the video; by default docs/tables.
    only
        A row to compute, others stay as they are; repeat it for more.
    rows
        List the rows and whether they are measured; compute nothing.
    quick
        A few frames and steps, to see that everything runs.
    json
        Print the table as one JSON object.
    """
    if name not in TABLES:
        raise UnsupportedOption(f"Unknown table {name!r}; known tables: {', '.join(TABLES)}.")
    if quick and output is None:
        raise UnsupportedOption("--quick measures nothing of worth for docs/tables; give a folder with -o.")

    from impasto.evaluation.tables.flicker import flicker_table
    from impasto.evaluation.tables.outputs import write_pictures, write_table
    from impasto.evaluation.tables.protocol import QUICK, Protocol

    folder, notes = output or DOCUMENTATION, []
    states = flicker_table(QUICK if quick else Protocol(), only, _say)
    latest = next(states)
    if not rows:
        for latest in states:
            write_table(latest, folder)
        notes = write_pictures(latest, folder)
    if json:
        print_json(latest)
        return 1 if latest.failures else 0
    if rows:
        print_table(["row", "on", "measured"], [[r.name, r.span, "yes" if r.measured else "no"] for r in latest.rows])
    else:
        print(f"{folder / name}.md: {sum(r.measured for r in latest.rows)} of {len(latest.rows)} rows measured.")
    for row in latest.failures:
        print(f"{row.name}, {row.span}, failed: {row.failure}")
    for note in notes:
        print(note)
    return 1 if latest.failures else 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
