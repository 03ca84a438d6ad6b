"""`impasto evaluate table flicker`: what each method paints, how steady that is, and what it takes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

from impasto.errors import ImpastoError, Interrupted, UnsupportedOption
from impasto.evaluation.assets import asset, clip_file, style_file
from impasto.evaluation.machine import machine
from impasto.evaluation.tables.claims import findings
from impasto.evaluation.tables.columns import COLUMNS, Column
from impasto.evaluation.tables.findings import Finding
from impasto.evaluation.tables.freshprocess import WorkFailedError, in_fresh_process
from impasto.evaluation.tables.measuring import Meter
from impasto.evaluation.tables.methods import MATERIAL
from impasto.evaluation.tables.painting import paint_row, teach_all
from impasto.evaluation.tables.protocol import QUICK, Protocol, Span, read_frames
from impasto.evaluation.tables.results import RowResult, result
from impasto.evaluation.tables.rows import LearnedMethod, Row, flicker_rows
from impasto.evaluation.tables.store import RowStore

Say = Callable[[str], None]
"""Is told, line by line, how far the table is."""


@dataclass(frozen=True, kw_only=True)
class Table:
    name: str
    command: str
    date: str
    machine: dict[str, Any]
    protocol: Protocol
    columns: tuple[Column, ...]
    rows: tuple[RowResult, ...]
    claims: tuple[Finding, ...]

    @property
    def failures(self) -> list[RowResult]:
        return [row for row in self.rows if row.failure]


def flicker_table(
    protocol: Protocol, only: Sequence[str], say: Say, written: Mapping[str, RowResult] | None = None
) -> Iterator[Table]:
    """The table as far as it is known, and as it is after each row; what is known is not computed again.

    Args:
        only: names of the rows to compute; empty means all.
        written: rows of an earlier table by key, for those that the cache has lost.

    Raises:
        ModelError: the data folder lacks something.
        UnsupportedOption: a name of `only` is no row.
        Interrupted: by the user; the same call goes on.
    """
    rows = flicker_rows(protocol)
    _check(protocol, [row.name for row in rows], only)
    written = written or {}
    about, results = machine(), {row: _known(result(row, protocol), written) for row in rows}
    yield _table(protocol, about, results)
    work = _Work(protocol, say)
    wanted = [row for row in rows if not only or row.name in only]
    for number, row in enumerate(wanted):
        try:
            say(f"{row.name}, {row.span.name} ({number + 1} of {len(wanted)})")
            failure = "" if results[row].measured else work.compute(row)
        except KeyboardInterrupt as stop:
            done = f"{number} of {len(wanted)} rows are complete"
            raise Interrupted(f"Stopped; {done}, and the same command goes on.") from stop
        results[row] = _known(result(row, protocol, failure), written)
        yield _table(protocol, about, results)


def _known(found: RowResult, written: Mapping[str, RowResult]) -> RowResult:
    return found if found.measured else written.get(found.key, found)


def _table(protocol: Protocol, about: dict[str, Any], results: Mapping[Row, RowResult]) -> Table:
    def on(span: Span) -> dict[str, RowResult]:
        return {row.name: found for row, found in results.items() if row.span == span}

    return Table(
        name="flicker",
        command=f"impasto evaluate table flicker{' --quick' if protocol == QUICK else ''}",
        date=datetime.now(UTC).date().isoformat(),
        machine=about,
        protocol=protocol,
        columns=COLUMNS,
        rows=tuple(results.values()),
        claims=tuple(findings(on(protocol.short), on(protocol.whole))),
    )


class _Work:
    """Computes rows, one at a time."""

    def __init__(self, protocol: Protocol, say: Say) -> None:
        self._protocol, self._say, self._meter = protocol, say, Meter(protocol)

    def compute(self, row: Row) -> str:
        """Paint and measure what the cache lacks; gives the reason where that fails, else nothing."""
        store = RowStore(row, self._protocol)
        try:
            if row.method and not all(store.painted(*pair) for pair in self._protocol.pairs):
                if isinstance(row.method, LearnedMethod):
                    self._listen(in_fresh_process(teach_all, row.method, self._protocol.styles))
                self._listen(in_fresh_process(paint_row, row, self._protocol, store))
            self._measure(row, store)
        except (WorkFailedError, ImpastoError) as error:
            self._say(f"  failed: {error}")
            return str(error)
        return ""

    def _listen(self, lines: Iterator[str]) -> None:
        for line in lines:
            self._say(f"  {line}")

    def _measure(self, row: Row, store: RowStore) -> None:
        for clip, style in self._protocol.pairs:
            if store.figures(clip, style) is None:
                painted = store.frames(clip, style) if row.method else read_frames(clip, row.span)
                store.keep_figures(clip, style, self._meter(clip, style, row.span, painted))
            if row.span == self._protocol.whole:
                store.drop_frames(clip, style)


def _check(protocol: Protocol, names: Sequence[str], only: Sequence[str]) -> None:
    for name in only:
        if name not in names:
            near = get_close_matches(name, names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "--rows lists them."
            raise UnsupportedOption(f"The table has no row {name!r}; {hint}")
    for clip in protocol.clips:
        clip_file(clip)
    for style in protocol.styles:
        style_file(style)
    asset(MATERIAL)
