"""Whether a metric moved as it should."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from impasto.evaluation.fixture.expected import Number
from impasto.evaluation.sanity.expectations import Move

MARGIN = 0.005
"""A metric moves where it changes by more than this share of its range over all cases of the clip."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    case: str
    expected: Move
    moved: dict[str, Move | None]
    """By clip; None where it was not measured."""
    word: Literal["right", "wrong", "not measured"]
    """Right only where it is on every clip."""

    @property
    def wrong(self) -> int:
        """Clips on which it moved otherwise."""
        return sum(move != self.expected for move in self.moved.values())


def movement(before: Number | None, after: Number | None, values: Iterable[Number | None]) -> Move | None:
    """Which way a metric went from the painted clip to a case; None where one of both was not measured.

    Args:
        values: of all cases on this clip; endless and missing ones do not count for the range.
    """
    if before is None or after is None:
        return None
    finite = [float(value) for value in values if value is not None and math.isfinite(float(value))]
    reach = max(finite) - min(finite) if finite else 0.0
    change = float(after) - float(before)
    if abs(change) <= MARGIN * reach:
        return "same"
    return "up" if change > 0 else "down"


def verdicts(
    moves: Mapping[str, Move], painted: Mapping[str, Number | None], cases: Mapping[str, Mapping[str, Number | None]]
) -> tuple[Verdict, ...]:
    """Of one metric: on each case that should move it or leave it.

    Args:
        moves: what is expected, by case.
        painted: figures of the painted clips, by clip; `cases` those of each case likewise.
    """
    found = []
    for case, expected in moves.items():
        moved: dict[str, Move | None] = {
            clip: movement(before, cases[case].get(clip), [before, *(each.get(clip) for each in cases.values())])
            for clip, before in painted.items()
        }
        found.append(Verdict(case=case, expected=expected, moved=moved, word=_word(expected, moved)))
    return tuple(found)


def _word(expected: Move, moved: Mapping[str, Move | None]) -> Literal["right", "wrong", "not measured"]:
    if None in moved.values() or not moved:
        return "not measured"
    return "right" if set(moved.values()) == {expected} else "wrong"
