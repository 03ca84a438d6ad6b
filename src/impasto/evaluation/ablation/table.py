"""`impasto evaluate table stylemaster-ablation` and `motion-alpha`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from impasto.evaluation.ablation.cells import Cell
from impasto.evaluation.ablation.claims import findings
from impasto.evaluation.ablation.columns import COLUMNS
from impasto.evaluation.ablation.protocol import QUICK, AblationProtocol
from impasto.evaluation.ablation.results import AblationTable, Say, adopt, check_rows, computed, table_of
from impasto.evaluation.ablation.rows import ROWS, Row, TableName
from impasto.evaluation.assets import clip_file, style_file
from impasto.evaluation.machine import machine
from impasto.perception.csdnano import WEIGHTS as CSD
from impasto.stylizers.stylemaster.published import NANO_PARTS, NANO_WEIGHTS
from impasto.weights.memory import keep_freed_memory
from impasto.weights.paths import weights_files


def ablation_table(
    name: TableName, protocol: AblationProtocol, only: Sequence[str], say: Say, written: Path
) -> Iterator[AblationTable]:
    """The table as far as it is known, and as it is after each row with each seed; what is known is not computed again.

    All rows are computed with the first seed before any is with the second.

    Args:
        only: names of the rows to compute; empty means all.
        written: an earlier table, of which what the cache has lost is taken over; it need not be there.

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
    adopt([cell for of_row in cells.values() for cell in of_row], written)
    about, failures = machine(), dict[str, str]()
    yield _table(name, protocol, about, cells, failures)
    wanted = [cell for at in zip(*cells.values(), strict=True) for cell in at if not only or cell.row.name in only]
    for _ in computed(wanted, failures, say):
        yield _table(name, protocol, about, cells, failures)


def _check(protocol: AblationProtocol, names: Sequence[str], only: Sequence[str]) -> None:
    check_rows(names, only)
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
    return table_of(
        name, protocol, about, COLUMNS, cells, failures, lambda figures: findings(name, figures), protocol == QUICK
    )
