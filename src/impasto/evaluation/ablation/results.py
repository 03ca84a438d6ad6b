"""Rows of an ablation as far as they are measured, and how their cells are computed one after the other."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from statistics import fmean, stdev
from typing import Any, Protocol, TypeVar

from impasto.errors import ImpastoError, Interrupted, UnsupportedOption
from impasto.evaluation.papers.published import Published, published
from impasto.evaluation.tables.columns import Column, Figures
from impasto.evaluation.tables.findings import Finding

Say = Callable[[str], None]


class AnyRow(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...


RowKind = TypeVar("RowKind", bound=AnyRow)


class AnyCell(Protocol):
    """One row with one seed."""

    @property
    def row(self) -> AnyRow: ...

    @property
    def seed(self) -> int: ...

    @cached_property
    def key(self) -> str:
        """Changes with whatever decides the figures."""
        ...

    @property
    def figures(self) -> Figures | None:
        """None where they are still to be measured."""
        ...

    def compute(self, say: Say) -> None: ...

    def keep(self, figures: Figures, /) -> None:
        """Into the cache folder."""
        ...


@dataclass(frozen=True, kw_only=True)
class SeedResult:
    seed: int
    key: str
    figures: Figures


@dataclass(frozen=True, kw_only=True)
class RowResult:
    name: str
    title: str
    config: str
    figures: Figures
    """Means over the seeds that are measured; None where one of them has none."""
    spreads: Figures
    """Standard deviations over them; None of fewer than two."""
    seeds: tuple[SeedResult, ...]
    planned: int
    """Seeds that it is to be measured with."""
    measured: bool
    """With all of them."""
    failure: str
    """Why it could not be computed, where that was tried."""


@dataclass(frozen=True, kw_only=True)
class AblationTable:
    name: str
    command: str
    date: str
    machine: dict[str, Any]
    protocol: Any
    """All that decides a figure."""
    columns: tuple[Column, ...]
    rows: tuple[RowResult, ...]
    claims: tuple[Finding, ...]
    published: Published

    @property
    def failures(self) -> list[RowResult]:
        return [row for row in self.rows if row.failure]


def check_rows(names: Sequence[str], only: Sequence[str]) -> None:
    """Raise `UnsupportedOption` where a name of `only` is no row."""
    for name in only:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "--rows lists them."
            raise UnsupportedOption(f"The table has no row {name!r}; {hint}")


def adopt(cells: Iterable[AnyCell], written: Path) -> None:
    """Take over what a table has that was written before, for cells that the cache folder has lost."""
    try:
        rows = json.loads(written.read_text(encoding="utf-8"))["rows"]
        known = {seed["key"]: seed["figures"] for row in rows for seed in row["seeds"]}
    except (OSError, ValueError, KeyError, TypeError):
        return
    for cell in cells:
        if cell.figures is None and cell.key in known:
            cell.keep(known[cell.key])


def computed(wanted: Sequence[AnyCell], failures: dict[str, str], say: Say) -> Iterator[AnyCell]:
    """Compute cells that are not known yet; yields after each, and keeps in `failures` why a row could not be.

    Raises:
        Interrupted: by the user; the same call goes on.
    """
    for number, cell in enumerate(wanted):
        try:
            say(f"{cell.row.name}, seed {cell.seed} ({number + 1} of {len(wanted)})")
            if cell.figures is None:
                cell.compute(say)
        except KeyboardInterrupt as stop:
            done = f"{number} of {len(wanted)} cells are complete"
            raise Interrupted(f"Stopped; {done}, and the same command goes on.") from stop
        except ImpastoError as error:
            say(f"  failed: {error}")
            failures[cell.row.name] = str(error)
        yield cell


def row_result(row: AnyRow, cells: Sequence[AnyCell], columns: Sequence[Column], failure: str) -> RowResult:
    """Means and deviations over the seeds of a row that are measured."""
    found = [(cell, figures) for cell in cells if (figures := cell.figures) is not None]
    known = {column.key: _known([figures.get(column.key) for _, figures in found]) for column in columns}
    return RowResult(
        name=row.name,
        title=row.title,
        config=repr(row),
        figures={key: fmean(values) if values else None for key, values in known.items()},
        spreads={key: stdev(values) if len(values) > 1 else None for key, values in known.items()},
        seeds=tuple(SeedResult(seed=cell.seed, key=cell.key, figures=figures) for cell, figures in found),
        planned=len(cells),
        measured=len(found) == len(cells),
        failure=failure,
    )


def _known(values: list[float | None]) -> list[float]:
    """The figures of all seeds; nothing where one has none."""
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else []


def table_of(
    name: str,
    protocol: Any,
    about: dict[str, Any],
    columns: tuple[Column, ...],
    cells: Mapping[RowKind, Sequence[AnyCell]],
    failures: Mapping[str, str],
    findings: Callable[[dict[str, list[Figures]]], Sequence[Finding]],
    quick: bool,
) -> AblationTable:
    """The table as far as it is measured.

    Args:
        about: the machine.
        failures: by the name of a row.
        findings: judges the claims by the figures of the rows that are measured with all seeds.
        quick: whether the protocol is that of `--quick`.
    """
    rows = [row_result(row, of_row, columns, failures.get(row.name, "")) for row, of_row in cells.items()]
    return AblationTable(
        name=name,
        command=f"impasto evaluate table {name}{' --quick' if quick else ''}",
        date=datetime.now(UTC).date().isoformat(),
        machine=about,
        protocol=protocol,
        columns=columns,
        rows=tuple(rows),
        claims=tuple(findings({row.name: [seed.figures for seed in row.seeds] for row in rows if row.measured})),
        published=published(name),
    )
