"""`impasto evaluate table dreamstyle-ablation`."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from impasto.evaluation.ablation.claims import judged
from impasto.evaluation.ablation.results import AblationTable, Say, adopt, check_rows, computed, table_of
from impasto.evaluation.assets import clip_file, style_file
from impasto.evaluation.dreamstyle.cells import Cell
from impasto.evaluation.dreamstyle.claims import CLAIMS
from impasto.evaluation.dreamstyle.columns import COLUMNS
from impasto.evaluation.dreamstyle.protocol import QUICK, DreamStyleProtocol
from impasto.evaluation.dreamstyle.rows import NAME, ROWS, Row
from impasto.evaluation.machine import machine
from impasto.perception.csdnano import WEIGHTS as CSD
from impasto.stylizers.dreamstyle.published import NANO_FILE, NANO_WEIGHTS
from impasto.weights.memory import keep_freed_memory
from impasto.weights.paths import weights_files


def dreamstyle_ablation(
    protocol: DreamStyleProtocol, only: Sequence[str], say: Say, written: Path
) -> Iterator[AblationTable]:
    """The table as far as it is known, and as it is after each row with each seed; what is known is not computed again.

    All rows are computed with the first seed before any is with the second.

    Args:
        only: names of the rows to compute; empty means all.
        written: an earlier table, of which what the cache has lost is taken over; it need not be there.

    Raises:
        ModelError: weights, or files of the data folder, are missing.
        InputError: there are no pairs to learn from.
        UnsupportedOption: a name of `only` is no row.
        Interrupted: by the user; the same call goes on.
    """
    check_rows([row.name for row in ROWS], only)
    _check(protocol)
    keep_freed_memory()
    cells = {row: [Cell(protocol, row, seed) for seed in _seeds(protocol, row)] for row in ROWS}
    adopt([cell for of_row in cells.values() for cell in of_row], written)
    about, failures = machine(), dict[str, str]()
    yield _table(protocol, about, cells, failures)
    wanted = [cell for of_row in cells.values() for cell in of_row if not only or cell.row.name in only]
    for _ in computed(sorted(wanted, key=lambda cell: cell.seed), failures, say):
        yield _table(protocol, about, cells, failures)


def _seeds(protocol: DreamStyleProtocol, row: Row) -> tuple[int, ...]:
    return protocol.seeds if row.claimed else protocol.seeds[:1]


def _check(protocol: DreamStyleProtocol) -> None:
    weights_files([*(weights for weights in NANO_WEIGHTS if weights != NANO_FILE), CSD])
    for style, _ in protocol.styles:
        style_file(style)
    for clip, _ in protocol.clips:
        clip_file(clip)


def _table(
    protocol: DreamStyleProtocol,
    about: dict[str, Any],
    cells: Mapping[Row, list[Cell]],
    failures: Mapping[str, str],
) -> AblationTable:
    return table_of(
        NAME, protocol, about, COLUMNS, cells, failures, lambda figures: judged(CLAIMS, figures), protocol == QUICK
    )
