"""The lists of the raters: balanced whatever the sizes."""

from collections import Counter
from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from impasto.evaluation.study.design import balanced_design


def spread(counts: Counter, of: list) -> int:
    """Between what comes most often and what comes least often."""
    return max(counts[each] for each in of) - min(counts[each] for each in of)


@given(st.integers(2, 5), st.integers(1, 9), st.integers(1, 9), st.integers(1, 45), st.integers(0, 99))
def test_the_design_is_balanced(methods, cases, raters, pairs_per_rater, seed):
    design = balanced_design(methods, cases, raters, pairs_per_rater, Random(seed))
    pairs = list(combinations(range(methods), 2))
    comparisons = [(pair, case) for pair in pairs for case in range(cases)]
    over_all, on_left = Counter(), Counter()
    for trials in design:
        new = [trial for trial in trials if trial.repeats is None]
        seen = [(tuple(sorted((trial.left, trial.right))), trial.case) for trial in new]
        assert len(new) == min(pairs_per_rater - pairs_per_rater // 10, len(comparisons))
        assert len(set(seen)) == len(seen)
        assert set(seen) <= set(comparisons)
        assert spread(Counter(pair for pair, _ in seen), pairs) <= 1
        over_all.update(seen)
        on_left.update((each, trial.left == each[0][0]) for each, trial in zip(seen, new, strict=True))
    assert len(design) == raters
    assert spread(over_all, comparisons) <= 1
    for pair in pairs:
        sides = Counter()
        for case in range(cases):
            left, right = on_left[(pair, case), True], on_left[(pair, case), False]
            assert abs(left - right) <= 1
            sides.update(left=left, right=right)
        assert abs(sides["left"] - sides["right"]) <= 1


@given(st.integers(2, 4), st.integers(1, 20), st.integers(1, 60), st.integers(0, 9))
def test_repeats_come_late_with_their_sides_exchanged(methods, cases, pairs_per_rater, seed):
    for trials in balanced_design(methods, cases, 3, pairs_per_rater, Random(seed)):
        repeats = [(number, trial) for number, trial in enumerate(trials) if trial.repeats is not None]
        new = len(trials) - len(repeats)
        assert len(trials) <= pairs_per_rater
        assert len(repeats) == min(pairs_per_rater // 10, new // 3)
        assert len({trial.repeats for _, trial in repeats}) == len(repeats)
        for number, trial in repeats:
            earlier = trials[trial.repeats]
            assert (trial.case, trial.left, trial.right) == (earlier.case, earlier.right, earlier.left)
            assert earlier.repeats is None
            assert number - trial.repeats > new // 3


def test_the_default_size_repeats_three_of_thirty():
    design = balanced_design(3, 12, 20, 30, Random(0))
    assert {len(trials) for trials in design} == {30}
    assert {sum(trial.repeats is not None for trial in trials) for trials in design} == {3}


def test_a_seed_is_a_design():
    first, again, other = (balanced_design(3, 6, 4, 12, Random(seed)) for seed in (1, 1, 2))
    assert first == again != other
