"""Strengths of methods from comparisons: Bradley-Terry with ties (Davidson 1970), fitted by Newton's method.

Legend: B fits at once, R raters, M methods, P pairs of them in the order of `itertools.combinations`, K = 3 answers
(the first of the pair is better, the second is, they are equal), D = M + 1 parameters.
"""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

PRIOR = 1 / 3
"""Imagined answers of each kind for each pair: one comparison in all.

A method that always wins, or is never compared with another, would have no finite strength without it.
"""
_TOLERANCE = 1e-9
_ROUNDING = 1e-12
_MOST_STEPS = 100


def fit(counts_BPK: Array, methods: int) -> tuple[Array, Array]:
    """The most probable strengths [B, M], natural logarithms with mean 0, and the log of the tie parameter nu [B].

    With p = exp(strength): the first wins with p_1 / (p_1 + p_2 + nu sqrt(p_1 p_2)), they are equal with
    nu sqrt(p_1 p_2) over the same (Davidson 1970; prior: see `PRIOR`). That is a log-linear model, so that the
    likelihood has one maximum.
    """
    features_PKD = _features(methods)
    counts_BPK = counts_BPK + PRIOR
    theta_BD = np.zeros((len(counts_BPK), methods + 1))
    value_B = _log_likelihood(theta_BD, features_PKD, counts_BPK)
    for _ in range(_MOST_STEPS):
        step_BD = _newton_step(theta_BD, features_PKD, counts_BPK)
        if np.abs(step_BD).max() < _TOLERANCE:
            break
        # A whole step may lead beyond the maximum and down again; a short one never does.
        further_B = _log_likelihood(theta_BD + step_BD, features_PKD, counts_BPK)
        while (worse_B := further_B < value_B - _ROUNDING * np.abs(value_B)).any():
            step_BD[worse_B] /= 2
            further_B = _log_likelihood(theta_BD + step_BD, features_PKD, counts_BPK)
        theta_BD, value_B = theta_BD + step_BD, further_B
    return theta_BD[:, :-1] - theta_BD[:, :-1].mean(1, keepdims=True), theta_BD[:, -1]


def bootstrap(counts_RPK: Array, methods: int, rounds: int, seed: int) -> Array:
    """Strengths [rounds, M] of as many raters drawn with replacement, from the counts of each rater."""
    raters = len(counts_RPK)
    drawn_BR = np.random.default_rng(seed).multinomial(raters, np.full(raters, 1 / raters), rounds)
    return fit(np.einsum("br,rpk->bpk", drawn_BR, counts_RPK), methods)[0]


def _features(methods: int) -> Array:
    """[P, K, D]: what of each parameter is in the logit of each answer."""
    pairs = list(combinations(range(methods), 2))
    features_PKD = np.zeros((len(pairs), 3, methods + 1))
    for number, (first, second) in enumerate(pairs):
        features_PKD[number, 0, first] = features_PKD[number, 1, second] = 1
        features_PKD[number, 2, [first, second]] = 0.5
        features_PKD[number, 2, -1] = 1
    return features_PKD


def _log_likelihood(theta_BD: Array, features_PKD: Array, counts_BPK: Array) -> Array:
    return (counts_BPK * _log_probabilities(theta_BD, features_PKD)).sum((1, 2))


def _log_probabilities(theta_BD: Array, features_PKD: Array) -> Array:
    logits_BPK = np.einsum("bd,pkd->bpk", theta_BD, features_PKD)
    logits_BPK -= logits_BPK.max(2, keepdims=True)
    return logits_BPK - np.log(np.exp(logits_BPK).sum(2, keepdims=True))


def _newton_step(theta_BD: Array, features_PKD: Array, counts_BPK: Array) -> Array:
    asked_BP = counts_BPK.sum(2)
    expected_BPK = asked_BP[..., None] * np.exp(_log_probabilities(theta_BD, features_PKD))
    gradient_BD = np.einsum("bpk,pkd->bd", counts_BPK - expected_BPK, features_PKD)
    sum_BPD = np.einsum("bpk,pkd->bpd", expected_BPK, features_PKD)
    information_BDD = np.einsum("bpk,pkd,pke->bde", expected_BPK, features_PKD, features_PKD, optimize=True)
    information_BDD -= np.einsum("bpd,bpe->bde", sum_BPD / asked_BP[..., None], sum_BPD)
    # Strengths are known up to a constant; this holds their mean at 0.
    information_BDD[:, :-1, :-1] += 1
    return np.linalg.solve(information_BDD, gradient_BD[..., None])[..., 0]
