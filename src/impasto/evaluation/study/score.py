"""From ratings to scores, for each question."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from impasto.errors import InputError
from impasto.evaluation.study.agreement import krippendorff_alpha
from impasto.evaluation.study.bradleyterry import bootstrap, fit
from impasto.evaluation.study.key import StudyKey
from impasto.evaluation.study.ratings import Ratings
from impasto.evaluation.study.tally import tables, tally

ROUNDS = 1000
PERCENTILES = (2.5, 97.5)
PROTOCOL = (
    "Score: log strength of the Bradley-Terry model with ties (Davidson 1970), mean 0 over the methods; a method that "
    "is 1 above another wins e = 2.7 times as often as it loses.",
    "Prior: each pair of methods has one imagined answer, a third of it each way and a third equal, so that a method "
    "that always wins has a finite score.",
    f"Interval: 95 %, percentiles of {ROUNDS} fits to raters drawn with replacement; cases are not drawn.",
    "Win rate: share of comparisons that the row wins against the column, an equal counts half.",
    "Self-consistency: share of repeated pairs, sides exchanged, that a rater answers the same way again; the "
    "repetitions count nowhere else.",
    "Agreement: Krippendorff's alpha, interval distance, over raters who saw the same comparison; 1 complete, 0 as by "
    "chance.",
)


@dataclass(frozen=True, kw_only=True)
class MethodScore:
    method: str
    score: float
    low: float | None
    """The 95 % interval; None with one rater."""
    high: float | None
    wins: int
    losses: int
    ties: int


@dataclass(frozen=True, kw_only=True)
class QuestionScore:
    question: str
    answers: int
    """Without repetitions."""
    methods: Sequence[MethodScore]
    """The best first."""
    win_rates: Sequence[Sequence[float | None]]
    """[row, column] in the order of `methods`; None where two were never compared."""
    repeated: int
    """Pairs that were answered twice."""
    self_consistency: float | None
    agreement: float | None


@dataclass(frozen=True, kw_only=True)
class StudyScore:
    study: str
    raters: int
    invited: int
    answers: int
    """With repetitions, of all questions."""
    expected: int
    """Answers that these raters were asked for."""
    median_seconds: float
    questions: Sequence[QuestionScore]
    protocol: Sequence[str] = PROTOCOL


def score_study(key: StudyKey, ratings: Sequence[Ratings], seed: int = 0) -> StudyScore:
    """Score each question; raises `InputError` where one was never answered."""
    given = [rating for each in ratings for rating in each.answers]
    return StudyScore(
        study=key.study,
        raters=len(ratings),
        invited=len(key.raters),
        answers=len(given),
        expected=sum(len(key.raters[each.rater - 1]) for each in ratings) * len(key.questions),
        questions=[_score_question(key, ratings, number, seed) for number in range(len(key.questions))],
        median_seconds=median(rating.seconds for rating in given),
    )


def _score_question(key: StudyKey, ratings: Sequence[Ratings], question: int, seed: int) -> QuestionScore:
    methods, counted = len(key.methods), tally(key, ratings, question)
    if not counted.by_comparison:
        raise InputError(f"Nobody answered {key.questions[question]!r}; wait for ratings.")
    counts_RPK, alike = counted.counts, counted.repeated_alike
    wins_MM, ties_MM = tables(counts_RPK.sum(0), methods)
    strengths_M = fit(counts_RPK.sum(0, keepdims=True), methods)[0][0]
    low_M, high_M = _interval(counts_RPK, methods, seed)
    best: list[int] = np.argsort(-strengths_M, kind="stable").tolist()
    return QuestionScore(
        question=key.questions[question],
        answers=int(counts_RPK.sum()),
        methods=[
            MethodScore(
                method=key.methods[m],
                score=float(strengths_M[m]),
                low=low_M[m],
                high=high_M[m],
                wins=int(wins_MM[m].sum()),
                losses=int(wins_MM[:, m].sum()),
                ties=int(ties_MM[m].sum()),
            )
            for m in best
        ],
        win_rates=[[_win_rate(wins_MM, ties_MM, row, column) for column in best] for row in best],
        repeated=len(alike),
        self_consistency=sum(alike) / len(alike) if alike else None,
        agreement=krippendorff_alpha(counted.by_comparison.values()),
    )


def _win_rate(wins_MM: NDArray[np.float64], ties_MM: NDArray[np.float64], row: int, column: int) -> float | None:
    compared = wins_MM[row, column] + wins_MM[column, row] + ties_MM[row, column]
    return float((wins_MM[row, column] + ties_MM[row, column] / 2) / compared) if compared else None


def _interval(
    counts_RPK: NDArray[np.float64], methods: int, seed: int
) -> tuple[Sequence[float | None], Sequence[float | None]]:
    if len(counts_RPK) < 2:
        return [None] * methods, [None] * methods
    low_M, high_M = np.percentile(bootstrap(counts_RPK, methods, ROUNDS, seed), PERCENTILES, axis=0)
    return low_M.tolist(), high_M.tolist()
