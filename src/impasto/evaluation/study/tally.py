"""Counts of what raters answered to one question.

Legend: R raters, M methods, P pairs of them in the order of `itertools.combinations`, K = 3 answers (the first of the
pair is better, the second is, they are equal).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from impasto.evaluation.study.design import Trial
from impasto.evaluation.study.key import StudyKey
from impasto.evaluation.study.ratings import Rating, Ratings

_COLUMNS = {1: 0, -1: 1, 0: 2}


@dataclass(frozen=True, kw_only=True)
class Tally:
    counts: NDArray[np.float64]
    """[R, P, K], without repetitions."""
    by_comparison: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    """Of each case and pair: 1 for every rater who finds the first better, -1 for the second, 0 for equal."""
    repeated_alike: list[bool] = field(default_factory=list)
    """Of each repetition, whether the answer was the same again."""


def tally(key: StudyKey, ratings: Sequence[Ratings], question: int) -> Tally:
    """Count the answers to one question of the study."""
    pairs = {pair: number for number, pair in enumerate(combinations(range(len(key.methods)), 2))}
    counted = Tally(counts=np.zeros((len(ratings), len(pairs), len(_COLUMNS))))
    for row, each in enumerate(ratings):
        trials = key.raters[each.rater - 1]
        given = [rating for rating in each.answers if rating.question == question]
        signs = {rating.trial: _sign(trials[rating.trial], rating) for rating in given}
        for number, sign in signs.items():
            trial = trials[number]
            if trial.repeats is None:
                pair = pairs[min(trial.left, trial.right), max(trial.left, trial.right)]
                counted.counts[row, pair, _COLUMNS[sign]] += 1
                counted.by_comparison[trial.case, pair].append(sign)
            elif trial.repeats in signs:
                counted.repeated_alike.append(sign == signs[trial.repeats])
    return counted


def tables(counts_PK: NDArray[np.float64], methods: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """[M, M]: how often the row won against the column, how often they were equal."""
    wins_MM, ties_MM = np.zeros((methods, methods)), np.zeros((methods, methods))
    first, second = np.triu_indices(methods, 1)
    wins_MM[first, second], wins_MM[second, first] = counts_PK[:, 0], counts_PK[:, 1]
    ties_MM[first, second] = ties_MM[second, first] = counts_PK[:, 2]
    return wins_MM, ties_MM


def _sign(trial: Trial, rating: Rating) -> int:
    if rating.answer == "equal":
        return 0
    return 1 if (rating.answer == "left") == (trial.left < trial.right) else -1
