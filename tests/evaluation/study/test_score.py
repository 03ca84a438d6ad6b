"""Scores of raters whose taste is known."""

import numpy as np
import pytest

from impasto.errors import InputError
from impasto.evaluation.study.design import Trial
from impasto.evaluation.study.ratings import Rating, Ratings
from impasto.evaluation.study.score import score_study
from tests.evaluation.study.toys import hand_key, rated, simulated, toy_key

FIRST_LEFT, FIRST_RIGHT = Trial(case=0, left=0, right=1), Trial(case=1, left=1, right=0)


def test_known_strengths_are_recovered_within_the_intervals():
    truth = {"one": 0.9, "two": 0.1, "three": -0.2, "four": -0.8}
    key = toy_key(list(truth), cases=8, raters=60)
    (question,) = score_study(key, simulated(key, list(truth.values()), 0.7, seed=5)).questions
    assert [each.method for each in question.methods] == list(truth)
    for each in question.methods:
        assert each.low < truth[each.method] < each.high
        assert each.low < each.score < each.high < each.low + 0.7


def test_intervals_hold_what_they_promise():
    """Nine in ten of the true strengths at least; 95 % would need more studies than a test has time for."""
    truth, held = (0.5, 0.0, -0.5), []
    key = toy_key(cases=6, raters=25, pairs_per_rater=20)
    for seed in range(8):
        (question,) = score_study(key, simulated(key, truth, 0.5, seed)).questions
        by_name = {each.method: each for each in question.methods}
        held += [by_name[name].low < value < by_name[name].high for name, value in zip(key.methods, truth, strict=True)]
    assert np.mean(held) >= 0.9


def test_raters_without_taste_have_no_winner():
    key = toy_key(raters=30)
    (question,) = score_study(key, simulated(key, (0, 0, 0), 0.5, seed=1)).questions
    assert all(each.low < 0 < each.high for each in question.methods)
    assert question.agreement == pytest.approx(0, abs=0.1)


def test_counts_by_hand():
    """`one` wins once from either side, loses once, is equal once."""
    key = hand_key([FIRST_LEFT, FIRST_RIGHT], [FIRST_LEFT, FIRST_RIGHT])
    scored = score_study(key, [rated(1, "left", "right"), rated(2, "right", "equal")])
    (question,) = scored.questions
    best, worst = question.methods
    assert (best.method, best.wins, best.losses, best.ties) == ("one", 2, 1, 1)
    assert (worst.method, worst.wins, worst.losses, worst.ties) == ("two", 1, 2, 1)
    assert question.win_rates == [[None, 0.625], [0.375, None]]
    assert (scored.raters, scored.invited, scored.answers, scored.expected) == (2, 2, 4, 4)
    assert scored.median_seconds == 1.0


def test_repetitions_count_for_self_consistency_alone():
    again = Trial(case=0, left=1, right=0, repeats=0)
    key = hand_key([FIRST_LEFT, again], [FIRST_LEFT, again], [FIRST_LEFT, again])
    same, other, stopped = rated(1, "left", "right"), rated(2, "left", "left"), rated(3, "left")
    (question,) = score_study(key, [same, other, stopped]).questions
    assert (question.repeated, question.self_consistency) == (2, 0.5)
    assert question.answers == 3
    assert question.methods[0].wins == 3


def test_each_question_by_itself():
    key = toy_key(("one", "two"), cases=2, raters=2, pairs_per_rater=2, questions=("Style?", "Steady?"))
    ratings = [
        Ratings(
            rater=rater,
            answers=[
                Rating(trial=n, question=q, answer="left" if (trial.left == 0) == (q == 0) else "right", seconds=2)
                for n, trial in enumerate(key.raters[rater - 1])
                for q in range(2)
            ],
        )
        for rater in (1, 2)
    ]
    style, steady = score_study(key, ratings).questions
    assert (style.question, style.methods[0].method) == ("Style?", "one")
    assert (steady.question, steady.methods[0].method) == ("Steady?", "two")
    assert style.agreement == steady.agreement == 1


def test_what_one_rater_cannot_tell():
    (question,) = score_study(hand_key([FIRST_LEFT]), [rated(1, "left")]).questions
    assert (question.methods[0].low, question.agreement, question.self_consistency) == (None, None, None)
    assert question.methods[0].score > 0


def test_refuses_a_question_that_nobody_answered():
    with pytest.raises(InputError, match="Nobody answered 'Which\\?'"):
        score_study(hand_key([FIRST_LEFT]), [rated(1)])
