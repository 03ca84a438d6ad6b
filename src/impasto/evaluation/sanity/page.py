"""The sanity table as a page of Markdown."""

from collections.abc import Sequence

from impasto.evaluation.fixture.expected import Number
from impasto.evaluation.sanity.cases import CASES, PAINTED
from impasto.evaluation.sanity.material import FPS
from impasto.evaluation.sanity.table import Row, SanityTable
from impasto.evaluation.sanity.verdicts import MARGIN, Verdict
from impasto.evaluation.textfiles import markdown_table


def sanity_page(table: SanityTable) -> str:
    """The whole page: verdicts, what went wrong, reasons, cases, protocol."""
    measured = [row for row in table.rows if row.state != "not measured"]
    good = sum(row.state == "reliable" for row in measured)
    wrong = [row for row in measured if row.state == "unreliable"]
    return "\n".join(
        [
            "# Do the metrics move the right way?",
            "",
            f"Made by `{table.command}` on {table.date}; nothing here is written by hand.",
            "",
            f"{good} of {len(measured)} metrics that were measured move as they should, in every case and on every "
            "clip. One that does not is unreliable: read nothing from it alone.",
            "",
            *markdown_table(
                ["metric", "verdict", *(case.title for case in CASES)],
                [[f"`{row.metric}`", _state(row), *_cells(row)] for row in table.rows],
            ),
            "",
            "A cell says whether the metric went the right way, from the painted clip to the case; an empty one, that "
            "the case is not meant to move it.",
            "",
            *(["## What went wrong", "", *_wrong_cases(wrong), ""] if wrong else []),
            "## What is expected, and why",
            "",
            *(
                f"* `{row.metric}` ({row.protocol.better} is better): {_expected(row)}; {row.reason}."
                for row in table.rows
            ),
            "",
            "## Cases",
            "",
            *markdown_table(["case", "what is measured"], [[key, about] for key, about in table.cases.items()]),
            "",
            "## Protocol",
            "",
            *(f"* Clip `{name}`: {about}." for name, about in table.clips.items()),
            f"* Each clip has {table.size.frames} frames, {table.size.width} pixels wide, {FPS} a second; every frame "
            "is looked at; files are lossless.",
            f"* A metric moves where it changes by more than {MARGIN:.1%} of its range over all cases of that clip, "
            "and stays the same below.",
            "* Metrics of many pictures look at all clips as one set.",
            *(f"* Not measured: `{row.metric}`. {row.missing}" for row in table.rows if row.missing),
            f"* Machine: {', '.join(f'{key} {value}' for key, value in table.machine.items())}.",
            "",
        ]
    )


def _state(row: Row) -> str:
    return f"**{row.state}**" if row.state == "unreliable" else row.state


def _cells(row: Row) -> list[str]:
    verdicts = {verdict.case: verdict for verdict in row.verdicts}
    return [_cell(verdicts[case.key]) if case.key in verdicts else "" for case in CASES]


def _cell(verdict: Verdict) -> str:
    if verdict.word != "wrong":
        return verdict.word
    return f"**wrong** on {verdict.wrong} of {len(verdict.moved)}"


def _wrong_cases(rows: Sequence[Row]) -> list[str]:
    titles = {case.key: case.title for case in CASES}
    lines = [
        [
            f"`{row.metric}`",
            titles[verdict.case],
            clip,
            verdict.expected,
            _number(row.values[PAINTED.key][clip]),
            _number(row.values[verdict.case][clip]),
        ]
        for row in rows
        for verdict in row.verdicts
        for clip, move in verdict.moved.items()
        if move is not None and move != verdict.expected
    ]
    return markdown_table(["metric", "case", "clip", "should go", "painted", "case"], lines)


def _expected(row: Row) -> str:
    titles = {case.key: case.title for case in CASES}
    ways: dict[str, list[str]] = {}
    for verdict in row.verdicts:
        ways.setdefault(verdict.expected, []).append(titles[verdict.case])
    return "; ".join(f"{way}: {', '.join(cases)}" for way, cases in ways.items())


def _number(value: Number | None) -> str:
    return "-" if value is None else f"{float(value):.4g}"
