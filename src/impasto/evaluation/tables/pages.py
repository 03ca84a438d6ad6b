"""The table as a page of Markdown, and the claims in a page that others write.

Nothing of these pages is made by hand: what is wrong in them is to be mended in the program.
"""

from collections.abc import Sequence

from impasto.errors import InputError
from impasto.evaluation.tables.columns import EFFORT, Column
from impasto.evaluation.tables.findings import Finding
from impasto.evaluation.tables.flicker import Table
from impasto.evaluation.tables.methods import MATERIAL
from impasto.evaluation.tables.protocol import Protocol, Span
from impasto.evaluation.tables.results import RowResult
from impasto.evaluation.textfiles import NOT_MEASURED, markdown_table


def table_page(table: Table) -> str:
    """The whole page: figures, claims, protocol."""
    return "\n".join(
        [
            "# Flicker against style",
            "",
            f"Made by `{table.command}` on {table.date}; nothing here is written by hand.",
            "",
            "![Flicker against style](flicker.svg)",
            "",
            "[The methods side by side](flicker.mp4), slowed down.",
            "",
            *_section(table, table.protocol.short),
            *_section(table, table.protocol.whole),
            *([] if not table.failures else _failures(table.failures)),
            "## What the study claims",
            "",
            *claims_table(table.claims),
            "",
            "## Columns",
            "",
            *(f"* **{column.title}** ({column.better} is better): {column.meaning}." for column in table.columns),
            "",
            "## Protocol",
            "",
            *(f"* {sentence}" for sentence in protocol_sentences(table.protocol)),
            f"* Machine: {', '.join(f'{key} {value}' for key, value in table.machine.items())}.",
            "",
        ]
    )


def _section(table: Table, span: Span) -> list[str]:
    rows = [row for row in table.rows if row.span == span.name]
    return [
        f"## {span.name[0].upper()}{span.name[1:]}",
        "",
        *markdown_table(
            ["method", "row", *(column.title for column in table.columns)],
            [[row.title, f"`{row.name}`", *(cell_text(row, column) for column in table.columns)] for row in rows],
        ),
        "",
    ]


def _failures(rows: Sequence[RowResult]) -> list[str]:
    return ["## Failed", "", *(f"* `{row.name}`, {row.span}: {row.failure}" for row in rows), ""]


def cell_text(row: RowResult, column: Column) -> str:
    """A figure, or a sentence on why there is none."""
    if row.family == "source" and column.key in EFFORT:
        return "-"
    value = row.figures[column.key]
    return NOT_MEASURED if value is None else f"{value:.{column.digits}f}"


def claims_table(claims: Sequence[Finding], who: str = "the study") -> list[str]:
    """Lines of a table of someone's claims with their verdicts."""
    rows = [[c.claim, c.holds_where, c.figures or "-", f"**{c.verdict}**"] for c in claims]
    return markdown_table([f"{who} says", "here it holds where", "figures", "verdict"], rows)


def filled(page: str, name: str, lines: Sequence[str]) -> str:
    """A page with new lines between its marks `<!-- NAME: begin -->` and `<!-- NAME: end -->`.

    Raises:
        InputError: the marks are not there.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    before, found, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found and found_end):
        raise InputError(f"The page has no place for {name!r}; put {begin} and {end} where it belongs.")
    return "\n".join([before + begin, *lines, end + after])


def protocol_sentences(protocol: Protocol) -> list[str]:
    """All that one needs to know to measure the same again."""
    return [
        f"Clips {', '.join(protocol.clips)} of `eval/videos`, styles {', '.join(protocol.styles)} of `eval/styles` "
        "(docs/data.md); no training saw them. Figures are means over all pairs of them, those of time medians, on "
        f"{protocol.cores} processor core{'s' if protocol.cores > 1 else ''}.",
        f"Optimised: {protocol.iterations} iterations at each of two sizes, or of one where a frame begins from the "
        f"one before; multi-pass {protocol.passes} passes; else the defaults of the methods.",
        f"Networks: {protocol.steps} steps for each style on the clips of `{MATERIAL}`, led by swift at the beginning; "
        "the time that takes is not in the table. They run frame by frame, without the stabiliser, except where the "
        "row says it.",
        "`Wasserstein` is the 2-Wasserstein distance between Gaussians as style loss, in place of the Gram matrix.",
        f"Style and content: {protocol.judged} frames of each painted clip, first to last, at 256x256 "
        "(impasto.evaluation.judge).",
        "Wasserstein distances: features of the judge's network, mean over its layers of the distance to the style "
        f"over that of the frame before painting. The exact one is between {protocol.positions} positions of each "
        "layer, two samples of one distribution are apart as well: 0 is out of reach.",
        "E_warp: DIS flow of the source, forward and backward consistent (impasto.evaluation.warp_error).",
        "Each row is painted in a process of its own, PyTorch and OpenVINO with their own choice of threads.",
    ]
