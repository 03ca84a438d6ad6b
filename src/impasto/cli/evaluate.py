"""`impasto evaluate table`: the tables of the documentation, and those of the papers over a folder of results."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from impasto.cli.options import Switch
from impasto.cli.output import print_json, print_table, say
from impasto.errors import UnsupportedOption

if TYPE_CHECKING:
    from impasto.evaluation.ablation.results import AblationTable
    from impasto.evaluation.ablation.rows import TableName

DOCUMENTATION = Path("docs/tables")
ABLATIONS: "tuple[TableName, ...]" = ("stylemaster-ablation", "motion-alpha")
DREAMSTYLE, LONG, MAIN = "dreamstyle-ablation", "dreamstyle-long", "dreamstyle-main"


def table(
    name: str,
    results: Path | None = None,
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    external: Path | None = None,
    only: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = (),
    rows: Annotated[bool, Switch] = False,
    quick: Annotated[bool, Switch] = False,
    json: Annotated[bool, Switch] = False,
) -> int:
    """Compute a table and write it as NAME.json and NAME.md.

    Tables: flicker (how steady each method is, how near to the style, how fast), sanity (whether each metric moves the
    right way); stylemaster-ablation, motion-alpha and dreamstyle-ablation (what each part of the methods does, trained
    anew on the nano base for each row and seed: hours); dreamstyle-long (how colours drift over chained windows);
    dreamstyle-main (the paper's comparison: our models, gatys and colours alone, and results of others); and those of
    the papers over a folder of results, stylemaster-image, stylemaster-t2v, stylemaster-v2v, dreamstyle-text,
    dreamstyle-style-image, dreamstyle-first-frame. Those that take long go on after a stop. Exit code 1 where a row
    failed. All but the papers' want the data folder (docs/data.md).

    Parameters
    ----------
    name
        flicker, sanity, stylemaster-ablation, motion-alpha, dreamstyle-ablation, -long, -main, stylemaster-image, -t2v,
        -v2v, dreamstyle-text, -style-image or -first-frame.
    results
        For a paper's table: a folder of METHOD/comparisons.json, each a list as `evaluate run --list` takes; for
        dreamstyle-main, if there is one, of text, style-image and first-frame with such folders in each.
    output
        Folder for the files; by default docs/tables, and RESULTS for a paper's table.
    external
        For a paper's table: figures of other programs (docs/json.md); `clip` names the METHOD, `metric` the column.
    only
        For flicker and the ablations: a row to compute, others stay as they are; repeat it for more.
    rows
        For flicker and the ablations: list the rows and whether they are measured; compute nothing.
    quick
        For all but the papers' tables: a few frames and steps, to see that everything runs.
    json
        Print the table as one JSON object.
    """
    from impasto.evaluation.papers.columns import TABLES

    ablations = (*ABLATIONS, DREAMSTYLE)
    known = ("flicker", "sanity", *ablations, LONG, MAIN, *TABLES)
    if name not in known:
        raise UnsupportedOption(f"Unknown table {name!r}; known tables: {', '.join(known)}.")
    given = {"RESULTS": results, "--external": external, "--only": only, "--rows": rows, "--quick": quick}
    taken = {"--only", "--rows", "--quick"} if name in ("flicker", *ablations) else {"RESULTS", "--external"}
    if name in ("sanity", LONG):
        taken = {"--quick"}
    if name == MAIN:
        taken = {"RESULTS", "--quick"}
    for option, value in given.items():
        if value and option not in taken:
            raise UnsupportedOption(f"Table {name!r} takes no {option}; leave it out.")
    if quick and output is None:
        raise UnsupportedOption("--quick measures nothing of worth for docs/tables; give a folder with -o.")
    if name == "flicker":
        return _flicker(output or DOCUMENTATION, only, rows, quick, json)
    if name == "sanity":
        return _sanity(output or DOCUMENTATION, quick, json)
    if name in ABLATIONS:
        return _stylemaster(name, output or DOCUMENTATION, only, rows, quick, json)
    if name == DREAMSTYLE:
        return _dreamstyle(output or DOCUMENTATION, only, rows, quick, json)
    if name == LONG:
        return _long(output or DOCUMENTATION, quick, json)
    if name == MAIN:
        return _main(results, output or DOCUMENTATION, quick, json)
    if results is None:
        raise UnsupportedOption(f"Table {name!r} needs results; give a folder of METHOD/comparisons.json.")
    return _paper(name, results, output or results, external, json)


def _flicker(folder: Path, only: tuple[str, ...], rows: bool, quick: bool, json: bool) -> int:
    from impasto.evaluation.tables.flicker import flicker_table
    from impasto.evaluation.tables.outputs import write_pictures, write_table
    from impasto.evaluation.tables.protocol import QUICK, Protocol
    from impasto.evaluation.tables.results import written_results

    notes = []
    states = flicker_table(QUICK if quick else Protocol(), only, say, written_results(folder / "flicker.json"))
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
        print(f"{folder / latest.name}.md: {sum(r.measured for r in latest.rows)} of {len(latest.rows)} rows measured.")
    for row in latest.failures:
        print(f"{row.name}, {row.span}, failed: {row.failure}")
    for note in notes:
        print(note)
    return 1 if latest.failures else 0


def _stylemaster(name: "TableName", folder: Path, only: tuple[str, ...], rows: bool, quick: bool, json: bool) -> int:
    from impasto.evaluation.ablation.page import write_ablation
    from impasto.evaluation.ablation.protocol import QUICK, AblationProtocol
    from impasto.evaluation.ablation.table import ablation_table

    states = ablation_table(name, QUICK if quick else AblationProtocol(), only, say, folder / f"{name}.json")
    return _ablation(states, write_ablation, folder, rows, json)


def _dreamstyle(folder: Path, only: tuple[str, ...], rows: bool, quick: bool, json: bool) -> int:
    from impasto.evaluation.dreamstyle.page import write_dreamstyle
    from impasto.evaluation.dreamstyle.protocol import QUICK, DreamStyleProtocol
    from impasto.evaluation.dreamstyle.table import dreamstyle_ablation

    written = folder / f"{DREAMSTYLE}.json"
    states = dreamstyle_ablation(QUICK if quick else DreamStyleProtocol(), only, say, written)
    return _ablation(states, write_dreamstyle, folder, rows, json)


def _ablation(
    states: "Iterator[AblationTable]",
    write: "Callable[[AblationTable, Path], None]",
    folder: Path,
    rows: bool,
    json: bool,
) -> int:
    latest = next(states)
    if not rows:
        for latest in states:
            write(latest, folder)
    if json:
        print_json(latest)
        return 1 if latest.failures else 0
    if rows:
        print_table(
            ["row", "measured"], [[row.name, f"{len(row.seeds)} of {row.planned} seeds"] for row in latest.rows]
        )
    else:
        measured = sum(row.measured for row in latest.rows)
        print(f"{folder / latest.name}.md: {measured} of {len(latest.rows)} rows measured.")
    for row in latest.failures:
        print(f"{row.name}, failed: {row.failure}")
    return 1 if latest.failures else 0


def _long(folder: Path, quick: bool, json: bool) -> int:
    from impasto.evaluation.dreamstyle.long import QUICK, LongProtocol, long_table
    from impasto.evaluation.dreamstyle.longpage import write_long

    latest = None
    for latest in long_table(QUICK if quick else LongProtocol(), say):
        write_long(latest, folder)
    if json:
        print_json(latest)
    else:
        print(folder / f"{LONG}.md")
    return 0


def _sanity(folder: Path, quick: bool, json: bool) -> int:
    from impasto.evaluation.sanity.material import QUICK, Size
    from impasto.evaluation.sanity.page import sanity_page
    from impasto.evaluation.sanity.table import sanity_table
    from impasto.evaluation.textfiles import write_json, write_text

    found = sanity_table(QUICK if quick else Size(), say)
    write_json(folder / f"{found.name}.json", found)
    write_text(folder / f"{found.name}.md", sanity_page(found))
    if json:
        print_json(found)
        return 0
    print_table(["metric", "verdict"], [[row.metric, row.state] for row in found.rows])
    print(folder / f"{found.name}.md")
    return 0


def _main(results: Path | None, folder: Path, quick: bool, json: bool) -> int:
    from impasto.evaluation.dreamstyle.main import main_page, main_table
    from impasto.evaluation.dreamstyle.mainprotocol import QUICK, MainProtocol
    from impasto.evaluation.textfiles import write_json, write_text

    latest = None
    for latest in main_table(QUICK if quick else MainProtocol(), results, sys.argv, say):
        write_json(folder / f"{MAIN}.json", latest)
        write_text(folder / f"{MAIN}.md", main_page(latest))
    failures = latest.failures if latest else {}
    if json:
        print_json(latest)
    else:
        for method, reason in failures.items():
            print(f"{method} did not paint: {reason}")
        print(folder / f"{MAIN}.md")
    return 1 if failures else 0


def _paper(name: str, results: Path, folder: Path, external: Path | None, json: bool) -> int:
    from impasto.evaluation.papers.page import results_page
    from impasto.evaluation.papers.table import results_table
    from impasto.evaluation.textfiles import write_json, write_text

    latest = None
    for latest in results_table(name, [results], external, sys.argv, say):
        write_json(folder / f"{name}.json", latest)
        write_text(folder / f"{name}.md", results_page(latest))
    if json:
        print_json(latest)
    else:
        print(folder / f"{name}.md")
    return 0
