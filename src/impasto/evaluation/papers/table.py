"""A table of a paper, filled method by method."""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean
from typing import Any

from impasto.errors import UnsupportedOption
from impasto.evaluation.machine import machine
from impasto.evaluation.metrics.catalog import metrics
from impasto.evaluation.metrics.metric import Metric
from impasto.evaluation.metrics.protocol import MetricProtocol
from impasto.evaluation.papers.columns import TABLES, Column
from impasto.evaluation.papers.methods import Method, read_methods
from impasto.evaluation.papers.published import Published, published
from impasto.evaluation.running.evaluate import evaluate
from impasto.evaluation.running.external import ExternalFigure, read_external
from impasto.evaluation.running.results import Evaluation, protocol_here

Say = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Cell:
    value: float | None = None
    """Mean over the clips of a method."""
    reason: str = ""
    """Why there is none; else empty."""
    external: ExternalFigure | None = None
    """Where the value comes from, if another program measured it."""


@dataclass(frozen=True, kw_only=True)
class Row:
    method: str
    clips: int
    cells: dict[str, Cell]
    """By the titles of the columns."""


@dataclass(frozen=True, kw_only=True)
class ResultsTable:
    name: str
    title: str
    command: str
    date: str
    machine: dict[str, Any]
    columns: tuple[Column, ...]
    protocols: dict[str, MetricProtocol]
    """Of our metrics, by the titles of the columns."""
    rows: tuple[Row, ...]
    published: Published


def results_table(
    name: str, results: Sequence[Path], external: Path | None, command: Sequence[str], say: Say
) -> Iterator[ResultsTable]:
    """The table after each method.

    Args:
        name: of `TABLES`.
        results: hold a folder for each method, with a list of comparisons in it.
        external: JSON file with figures of other programs; their `clip` names the method.
        command: as typed.

    Raises:
        InputError: something in the results or the external figures cannot be read or does not belong there.
    """
    table = TABLES[name]
    methods = read_methods(results, table)
    figures = read_external(external, [method.folder for method in methods]) if external else ()
    _check(figures, methods, table.columns)
    known = metrics()
    asked = {column.title: known[column.metric] for column in table.columns if column.metric in known}
    about, rows = machine(), []
    for method in methods:
        rows.append(_row(method, table.columns, asked, figures, say))
        yield ResultsTable(
            name=name,
            title=table.title,
            command=shlex.join(command),
            date=datetime.now(UTC).date().isoformat(),
            machine=about,
            columns=table.columns,
            protocols={title: protocol_here(metric, every_frame=False) for title, metric in asked.items()},
            rows=tuple(rows),
            published=published(name),
        )


def _check(figures: Sequence[ExternalFigure], methods: Sequence[Method], columns: Sequence[Column]) -> None:
    titles = [column.title for column in columns]
    for figure in figures:
        if figure.metric not in titles:
            raise UnsupportedOption(f"The table has no column {figure.metric!r}; name one of {', '.join(titles)}.")
        if not figure.clip and len(methods) > 1:
            raise UnsupportedOption(
                f"The external figure of {figure.metric!r} does not say whose it is; name a method as its 'clip'."
            )


def _row(
    method: Method,
    columns: Sequence[Column],
    asked: Mapping[str, Metric],
    figures: Sequence[ExternalFigure],
    say: Say,
) -> Row:
    own = [figure for figure in figures if not figure.clip or figure.of(method.folder)]
    *_, evaluation = evaluate(method.clips, list(asked.values()), say=lambda line: say(f"{method.name}: {line}"))
    cells = {column.title: _cell(column, asked.get(column.title), evaluation) for column in columns}
    cells |= {figure.metric: Cell(value=figure.value, external=figure) for figure in own}
    return Row(method=method.name, clips=len(method.clips), cells=cells)


def _cell(column: Column, metric: Metric | None, evaluation: Evaluation) -> Cell:
    if metric is None:
        return Cell(reason=column.absent or f"there is no metric {column.metric!r}")
    clips = evaluation.clips
    lacking = [clip for clip in clips if not metric.needs <= clip.clip.comparison.given]
    if lacking:
        needs = " and ".join(sorted(metric.needs))
        return Cell(reason=f"it needs {needs}, which {len(lacking)} of {len(clips)} comparisons lack")
    together = evaluation.together.get(metric.key)
    found = [together] if together else [clip.figures[metric.key] for clip in clips]
    values = [figure.measured.value for figure in found if figure.measured]
    if len(values) < len(found):
        return Cell(reason=next(figure.reason for figure in found if figure.reason))
    return Cell(value=fmean(values))
