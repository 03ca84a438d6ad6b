"""Agreement against its definition, counted pair by pair."""

from itertools import permutations

import numpy as np
import pytest

from impasto.evaluation.study.agreement import krippendorff_alpha


def by_definition(comparisons: list[list[float]]) -> float:
    """One minus observed over expected disagreement, of the comparisons and their mirror images."""
    units = [unit for unit in comparisons if len(unit) > 1]
    units += [[-answer for answer in unit] for unit in units]
    values = [answer for unit in units for answer in unit]
    observed = sum((a - b) ** 2 / (len(unit) - 1) for unit in units for a, b in permutations(unit, 2)) / len(values)
    expected = sum((a - b) ** 2 for a, b in permutations(values, 2)) / (len(values) * (len(values) - 1))
    return 1 - observed / expected


@pytest.mark.parametrize("seed", range(4))
def test_agrees_with_its_definition(seed):
    rng = np.random.default_rng(seed)
    comparisons = [rng.integers(-1, 2, rng.integers(1, 6)).tolist() for _ in range(12)]
    assert krippendorff_alpha(comparisons) == pytest.approx(by_definition(comparisons))


def test_complete_agreement_is_one_also_where_one_method_always_wins():
    assert krippendorff_alpha([[1, 1, 1]] * 5) == 1
    assert krippendorff_alpha([[1, 1], [-1, -1, -1], [0, 0]]) == 1


def test_answers_by_chance_are_near_zero_and_opposed_ones_below():
    chance = np.random.default_rng(0).integers(-1, 2, (500, 4)).tolist()
    assert krippendorff_alpha(chance) == pytest.approx(0, abs=0.05)
    assert krippendorff_alpha([[1, -1]] * 10) < -0.5


def test_which_method_is_the_first_does_not_matter():
    comparisons = [[1, 1, 0], [-1, 1], [0, -1, -1]]
    turned = [comparisons[0], [-answer for answer in comparisons[1]], comparisons[2]]
    assert krippendorff_alpha(comparisons) == pytest.approx(krippendorff_alpha(turned))


def test_equal_is_halfway():
    near, far = krippendorff_alpha([[1, 0], [1, 1]]), krippendorff_alpha([[1, -1], [1, 1]])
    assert near is not None
    assert far is not None
    assert 1 > near > far


def test_nothing_to_compare():
    assert krippendorff_alpha([]) is None
    assert krippendorff_alpha([[1], [0]]) is None
    assert krippendorff_alpha([[0, 0], [0, 0, 0]]) is None
