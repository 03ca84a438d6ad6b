"""`impasto evaluate table stylemaster-ablation` and `motion-alpha`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from statistics import fmean, stdev
from typing import Any

from impasto.errors import ImpastoError, Interrupted, UnsupportedOption
from impasto.evaluation.ablation.cells import Cell
from impasto.evaluation.ablation.claims import findings
from impasto.evaluation.ablation.columns import COLUMNS
from impasto.evaluation.ablation.protocol import QUICK, AblationProtocol
from impasto.evaluation.ablation.rows import ROWS, Row, TableName
from impasto.evaluation.assets import clip_file, style_file
from impasto.evaluation.machine import machine
from impasto.evaluation.papers.published import Published, published
from impasto.evaluation.tables.claims import Finding
from impasto.evaluation.tables.columns import Column, Figures
from impasto.perception.csdnano import WEIGHTS as CSD
from impasto.stylizers.stylemaster.published import NANO_PARTS, NANO_WEIGHTS
from impasto.weights.memory import keep_freed_memory
from impasto.weights.paths import weights_files

Say = Callable[[str], None]


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
    measured: bool
    """With every seed."""
    failure: str
    """Why it could not be computed, where that was tried."""


@dataclass(frozen=True, kw_only=True)
class AblationTable:
    name: TableName
    command: str
    date: str
    machine: dict[str, Any]
    protocol: AblationProtocol
    columns: tuple[Column, ...]
    rows: tuple[RowResult, ...]
    claims: tuple[Finding, ...]
    published: Published

    @property
    def failures(self) -> list[RowResult]:
        return [row for row in self.rows if row.failure]


def ablation_table(
    name: TableName, protocol: AblationProtocol, only: Sequence[str], say: Say
) -> Iterator[AblationTable]:
    """The table as far as it is known, and as it is after each row with each seed; what is known is not computed again.

    All rows are computed with the first seed before any is with the second.

    Args:
        only: names of the rows to compute; empty means all.

    Raises:
        ModelError: weights, or files of the data folder, are missing.
        InputError: there are no latents, or no illusion pairs, to learn from.
        UnsupportedOption: a name of `only` is no row.
        Interrupted: by the user; the same call goes on.
    """
    rows = ROWS[name]
    _check(protocol, [row.name for row in rows], only)
    keep_freed_memory()
    cells = {row: [Cell(protocol, row, seed) for seed in protocol.seeds] for row in rows}
    about, failures = machine(), dict[str, str]()
    yield _table(name, protocol, about, cells, failures)
    wanted = [cell for at in zip(*cells.values(), strict=True) for cell in at if not only or cell.row.name in only]
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
        yield _table(name, protocol, about, cells, failures)


def _check(protocol: AblationProtocol, names: Sequence[str], only: Sequence[str]) -> None:
    for name in only:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "--rows lists them."
            raise UnsupportedOption(f"The table has no row {name!r}; {hint}")
    weights_files([*(weights for weights in NANO_WEIGHTS if weights != NANO_PARTS), CSD])
    for style in protocol.styles:
        style_file(style)
    for clip, _ in protocol.clips:
        clip_file(clip)


def _table(
    name: TableName,
    protocol: AblationProtocol,
    about: dict[str, Any],
    cells: Mapping[Row, list[Cell]],
    failures: Mapping[str, str],
) -> AblationTable:
    results = [_result(row, of_row, failures.get(row.name, "")) for row, of_row in cells.items()]
    complete = {row.name: [seed.figures for seed in row.seeds] for row in results if row.measured}
    return AblationTable(
        name=name,
        command=f"impasto evaluate table {name}{' --quick' if protocol == QUICK else ''}",
        date=datetime.now(UTC).date().isoformat(),
        machine=about,
        protocol=protocol,
        columns=COLUMNS,
        rows=tuple(results),
        claims=tuple(findings(name, complete)),
        published=published(name),
    )


def _result(row: Row, cells: Sequence[Cell], failure: str) -> RowResult:
    found = [(cell, figures) for cell in cells if (figures := cell.figures) is not None]
    columns = {column.key: _known([figures.get(column.key) for _, figures in found]) for column in COLUMNS}
    return RowResult(
        name=row.name,
        title=row.title,
        config=repr(row),
        figures={key: fmean(values) if values else None for key, values in columns.items()},
        spreads={key: stdev(values) if len(values) > 1 else None for key, values in columns.items()},
        seeds=tuple(SeedResult(seed=cell.seed, key=cell.key, figures=figures) for cell, figures in found),
        measured=len(found) == len(cells),
        failure=failure,
    )


def _known(values: list[float | None]) -> list[float]:
    """The figures of all seeds; nothing where one has none."""
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else []
