"""`impasto evaluate table sanity`: does each metric move the right way in cases where one knows it?"""

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from impasto.evaluation.fixture.embedded import embedded_metrics
from impasto.evaluation.fixture.expected import Number
from impasto.evaluation.machine import machine
from impasto.evaluation.metrics.protocol import MetricProtocol
from impasto.evaluation.running.choice import missing_weights
from impasto.evaluation.sanity.cases import CASES, PAINTED
from impasto.evaluation.sanity.expectations import EXPECTATIONS
from impasto.evaluation.sanity.material import QUICK, Size, filmed, rendered
from impasto.evaluation.sanity.measure import Figures, measure_case
from impasto.evaluation.sanity.verdicts import Verdict, verdicts

State = Literal["reliable", "unreliable", "not measured"]
"""Unreliable where it is wrong in any case."""


@dataclass(frozen=True, kw_only=True)
class Row:
    metric: str
    protocol: MetricProtocol
    reason: str
    """Why it should move as it should."""
    verdicts: tuple[Verdict, ...]
    values: dict[str, dict[str, Number | None]]
    """By case and clip."""
    missing: str
    """Which weights are not there; empty where all are."""
    state: State


@dataclass(frozen=True, kw_only=True)
class SanityTable:
    name: str
    command: str
    date: str
    machine: dict[str, Any]
    size: Size
    cases: dict[str, str]
    """What is done in each, by key."""
    clips: dict[str, str]
    """What each is, by name."""
    rows: tuple[Row, ...]


def sanity_table(size: Size, say: Callable[[str], None]) -> SanityTable:
    """Paint the clips, make the cases and measure them; metrics without weights have no verdict."""
    say("painting")
    clips = [*rendered(size), *filmed(size)]
    asked = [metric for key, metric in embedded_metrics().items() if key in EXPECTATIONS]
    missing = {metric.key: missing_weights(metric) for metric in asked}
    there = [metric for metric in asked if not missing[metric.key]]
    figures = {case.key: measure_case(case, clips, there, say) for case in (PAINTED, *CASES)}
    return SanityTable(
        name="sanity",
        command=f"impasto evaluate table sanity{' --quick' if size == QUICK else ''}",
        date=datetime.now(UTC).date().isoformat(),
        machine=machine(),
        size=size,
        cases={case.key: case.about for case in (PAINTED, *CASES)},
        clips={clip.name: f"{clip.about}; “{clip.prompt}”" for clip in clips},
        rows=tuple(_row(metric.key, metric.protocol, figures, missing[metric.key]) for metric in asked),
    )


def _row(metric: str, protocol: MetricProtocol, figures: dict[str, Figures], missing: str) -> Row:
    values = {case: found.get(metric, {}) for case, found in figures.items()}
    cases = {case: found for case, found in values.items() if case != PAINTED.key}
    expectation = EXPECTATIONS[metric]
    found = verdicts(expectation.moves, values[PAINTED.key], cases)
    return Row(
        metric=metric,
        protocol=protocol,
        reason=expectation.reason,
        verdicts=found,
        values=values,
        missing=missing,
        state=_state({verdict.word for verdict in found}),
    )


def _state(words: Set[str]) -> State:
    if "wrong" in words:
        return "unreliable"
    return "reliable" if words == {"right"} else "not measured"
