"""The rows of the flicker table as the cache holds them, and as the last table does where the cache is gone."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from impasto.evaluation.tables.columns import COLUMNS, Figures
from impasto.evaluation.tables.protocol import Protocol
from impasto.evaluation.tables.rows import Row
from impasto.evaluation.tables.store import Effort, RowStore


@dataclass(frozen=True, kw_only=True)
class Cell:
    clip: str
    style: str
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class RowResult:
    name: str
    title: str
    family: str
    span: str
    config: str
    key: str
    """As `RowStore.key`."""
    figures: Figures
    """Means over the clips and styles; None where one of them is missing."""
    cells: tuple[Cell, ...]
    failure: str
    """Why it could not be computed, where that was tried."""

    @property
    def measured(self) -> bool:
        return self.figures["gap"] is not None


def written_results(file: Path) -> dict[str, RowResult]:
    """The complete rows of a table that was written before, by key; none where there is no such table."""
    try:
        rows = [_row(row) for row in json.loads(file.read_text(encoding="utf-8"))["rows"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return {row.key: row for row in rows if row.measured}


def _row(written: dict[str, Any]) -> RowResult:
    cells = tuple(Cell(**cell) for cell in written.pop("cells"))
    return RowResult(**written, cells=cells)


def result(row: Row, protocol: Protocol, failure: str = "") -> RowResult:
    """The row as far as it is measured."""
    store = RowStore(row, protocol)
    found = [(*pair, store.figures(*pair)) for pair in protocol.pairs]
    cells = tuple(Cell(clip=clip, style=style, figures=figures) for clip, style, figures in found if figures)
    figures: Figures = {column.key: None for column in COLUMNS}
    if len(cells) == len(found):
        figures |= {key: _mean([cell.figures[key] for cell in cells]) for key in cells[0].figures}
        if row.method:
            figures |= _effort(row, [store.effort(*pair) for pair in protocol.pairs])
    return RowResult(
        name=row.name,
        title=row.title,
        family=row.family,
        span=row.span.name,
        config=repr(row.method) if row.method else "",
        key=store.key,
        figures=figures,
        cells=cells,
        failure=failure,
    )


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) else None


def _effort(row: Row, efforts: list[Effort]) -> Figures:
    # The multi-pass algorithm paints while it prepares.
    prepared = 1 if row.family == "optimisation" else 0
    rates = [effort.frames / (effort.paint_seconds + prepared * effort.prepare_seconds) for effort in efforts]
    # Medians: a pair during which the machine was busy with something else does not count.
    return {
        "prepare": float(np.median([effort.prepare_seconds for effort in efforts])),
        "fps": float(np.median(rates)),
        "memory": max(effort.peak_bytes for effort in efforts) / 1e6,
    }
