"""Strengths against an optimizer that knows only the likelihood, and against what is known in closed form."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import minimize

from impasto.evaluation.study import bradleyterry
from impasto.evaluation.study.bradleyterry import PRIOR, bootstrap


def fit(counts_PK: np.ndarray, methods: int) -> tuple[np.ndarray, float]:
    strengths_BM, ties_B = bradleyterry.fit(counts_PK[None], methods)
    return strengths_BM[0], ties_B[0]


def by_optimizer(counts_PK: np.ndarray, methods: int) -> np.ndarray:
    """Davidson's likelihood as his paper writes it, climbed by scipy: strengths with mean 0, then log nu."""

    def loss(theta: np.ndarray) -> float:
        worth, nu = np.exp(theta[:-1]), np.exp(theta[-1])
        total = 0.0
        for (i, j), (won, lost, tied) in zip(combinations(range(methods), 2), counts_PK + PRIOR, strict=True):
            middle = nu * np.sqrt(worth[i] * worth[j])
            below = worth[i] + worth[j] + middle
            total -= won * np.log(worth[i] / below) + lost * np.log(worth[j] / below) + tied * np.log(middle / below)
        return total + theta[:-1].sum() ** 2  # strengths are known up to a constant

    return minimize(loss, np.zeros(methods + 1), method="BFGS", options={"gtol": 1e-8}).x


@pytest.mark.parametrize("methods", [2, 3, 5])
def test_agrees_with_an_optimizer(methods):
    counts_PK = np.random.default_rng(methods).integers(0, 30, (methods * (methods - 1) // 2, 3)).astype(float)
    strengths, log_ties = fit(counts_PK, methods)
    expected = by_optimizer(counts_PK, methods)
    np.testing.assert_allclose([*strengths, log_ties], expected, atol=1e-5)
    assert strengths.sum() == pytest.approx(0, abs=1e-12)


def test_many_fits_at_once_are_those_of_each():
    counts_BPK = np.random.default_rng(0).integers(0, 50, (6, 3, 3)) * np.array([1, 1, 1, 5, 50, 1000])[:, None, None]
    strengths_BM, ties_B = bradleyterry.fit(counts_BPK, 3)
    for counts_PK, strengths_M, ties in zip(counts_BPK, strengths_BM, ties_B, strict=True):
        np.testing.assert_allclose([*strengths_M, ties], np.hstack(fit(counts_PK, 3)), atol=1e-8)


def test_two_methods_have_a_closed_form():
    strengths, log_ties = fit(np.array([[60.0, 15.0, 25.0]]), 2)
    won, lost, tied = (np.array([60, 15, 25]) + PRIOR) / 101
    assert strengths[0] - strengths[1] == pytest.approx(np.log(won / lost))
    assert np.exp(log_ties) == pytest.approx(tied / np.sqrt(won * lost))


def test_who_is_never_compared_or_equal_to_all_is_in_the_middle():
    assert fit(np.zeros((3, 3)), 3)[0] == pytest.approx([0, 0, 0], abs=1e-12)
    assert fit(np.array([[0.0, 0, 50]] * 3), 3)[0] == pytest.approx([0, 0, 0], abs=1e-12)


@pytest.mark.parametrize("wins", [1, 10, 1000, 1e6])
def test_a_method_that_always_wins_has_a_finite_score(wins):
    strengths, log_ties = fit(np.array([[wins, 0, 0], [wins, 0, 0], [wins / 2, wins / 2, 0]], float), 3)
    assert np.isfinite([*strengths, log_ties]).all()
    assert strengths[0] > strengths[1] == pytest.approx(strengths[2], abs=1e-9)


def test_more_wins_and_more_answers_mean_more():
    some, more, much_more = (fit(np.array([counts], float), 2)[0][0] for counts in ([6, 4, 2], [8, 2, 2], [80, 20, 20]))
    assert 0 < some < more < much_more


def test_methods_may_stand_in_any_order():
    counts_PK = np.array([[9, 3, 2], [4, 4, 6], [1, 8, 0]], float)  # of pairs 01, 02, 12
    mirrored_PK = counts_PK[::-1, [1, 0, 2]]  # the same with 0 and 2 exchanged
    np.testing.assert_allclose(fit(counts_PK, 3)[0], fit(mirrored_PK, 3)[0][::-1], atol=1e-9)


def test_raters_are_drawn_with_replacement():
    counts_RPK = np.array([[[9.0, 1, 2]]] * 4 + [[[2.0, 8, 2]]] * 4)
    drawn = bootstrap(counts_RPK, 2, 200, seed=3)
    assert drawn.shape == (200, 2)
    np.testing.assert_array_equal(drawn, bootstrap(counts_RPK, 2, 200, seed=3))
    assert (drawn != bootstrap(counts_RPK, 2, 200, seed=4)).any()
    # Means of eight draws of two kinds: nine values, around that of all.
    assert len(np.unique(drawn[:, 0].round(9))) <= 9
    assert np.median(drawn[:, 0]) == pytest.approx(fit(counts_RPK.sum(0), 2)[0][0], abs=0.1)
    assert bootstrap(counts_RPK[:4], 2, 50, seed=0).std() == pytest.approx(abs(fit(counts_RPK[:4].sum(0), 2)[0][0]))
