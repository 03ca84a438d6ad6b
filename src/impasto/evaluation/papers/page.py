"""A table of a paper as a page of Markdown."""

from collections.abc import Mapping, Sequence
from typing import Any

from impasto.evaluation.papers.published import Published
from impasto.evaluation.papers.table import Cell, ResultsTable
from impasto.evaluation.textfiles import NOT_MEASURED, markdown_table


def results_page(table: ResultsTable) -> str:
    """The whole page: our figures, the published ones apart, what is missing and why, the protocol."""
    about = ["", f"Made by `{table.command}` on {table.date}; nothing here is written by hand.", ""]
    return "\n".join([f"# {table.title}", *about, *results_section(table), *machine_line(table.machine), ""])


def results_section(table: ResultsTable, level: str = "##") -> list[str]:
    """What a page says of a table, but for the machine.

    Args:
        level: of its headings.
    """
    titles = [column.title for column in table.columns]
    return [
        f"{level} Measured here",
        "",
        *markdown_table(
            ["method", "clips", *titles],
            [[row.method, str(row.clips), *(_text(row.cells[title]) for title in titles)] for row in table.rows],
        ),
        "",
        "Means over all clips of a method. What is named `-nano` stands in for a published network.",
        "",
        *_external(table, titles, level),
        *_missing(table, titles, level),
        *published_section(table.published, titles, level),
        f"{level} Protocol",
        "",
        *(
            f"* **{title}** ({protocol.better} is better): {protocol.definition}. Looks with {protocol.extractor}; "
            f"resize: {protocol.resize}; frames: {protocol.frames}. Beware: {protocol.trap}."
            for title, protocol in table.protocols.items()
        ),
    ]


def machine_line(machine: Mapping[str, Any]) -> list[str]:
    return [f"* Machine: {', '.join(f'{key} {value}' for key, value in machine.items())}."]


def published_section(paper: Published, titles: Sequence[str], level: str = "##") -> list[str]:
    """What a paper prints in some columns, apart from what is measured here."""
    printed = [title for title in titles if any(title in row.values for row in paper.rows)]
    return [
        f"{level} Published, other protocol, not comparable",
        "",
        f"{paper.source}; {paper.protocol}.",
        "",
        *markdown_table(
            ["method", *printed],
            [[row.method, *(f"{row.values[t]:g}" if t in row.values else "-" for t in printed)] for row in paper.rows],
        ),
        "",
    ]


def _text(cell: Cell) -> str:
    if cell.value is None:
        return NOT_MEASURED
    return f"{cell.value:.4g}{' (external)' if cell.external else ''}"


def _external(table: ResultsTable, titles: Sequence[str], level: str) -> list[str]:
    figures = [
        (row.method, title, figure) for row in table.rows for title in titles if (figure := row.cells[title].external)
    ]
    if not figures:
        return []
    lines = [f"* {method}, {title}: {f.tool} {f.version}; {f.settings}." for method, title, f in figures]
    return [f"{level} Measured by other programs", "", *lines, ""]


def _missing(table: ResultsTable, titles: Sequence[str], level: str) -> list[str]:
    reasons: dict[tuple[str, str], list[str]] = {}
    for title in titles:
        for row in table.rows:
            if reason := row.cells[title].reason:
                reasons.setdefault((title, reason), []).append(row.method)
    if not reasons:
        return []
    lines = [f"* **{title}**, {', '.join(methods)}: {reason}" for (title, reason), methods in reasons.items()]
    return [f"{level} Not measured", "", *lines, ""]
