"""Who compares what: a list of pairs for each rater, balanced over methods, cases and sides."""

import math
from dataclasses import dataclass
from itertools import combinations
from random import Random

REPEATED_SHARE = 10
"""One in so many pairs of a rater is an earlier one with its sides exchanged, to see whether the rater agrees."""


@dataclass(frozen=True, kw_only=True)
class Trial:
    """Two results of one case side by side; methods and cases are numbers from 0."""

    case: int
    left: int
    right: int
    repeats: int | None = None
    """Place in the rater's list of the pair that this one repeats."""


def balanced_design(methods: int, cases: int, raters: int, pairs_per_rater: int, rng: Random) -> list[list[Trial]]:
    """A list of trials for each rater, shorter than `pairs_per_rater` where there are not so many comparisons.

    Repeats left aside, over the whole study each pair of methods is compared equally often, as often in each case, and
    as often with either method on the left (all to within one); for each rater the pairs of methods are within one of
    each other and no comparison comes twice.
    """
    pairs, order = list(combinations(range(methods), 2)), list(range(cases))
    rng.shuffle(pairs)
    rng.shuffle(order)
    flipped = [rng.random() < 0.5 for _ in pairs]
    repeats = pairs_per_rater // REPEATED_SHARE
    new = min(pairs_per_rater - repeats, len(pairs) * cases)
    lists = []
    for rater in range(raters):
        dealt = []
        for turn in range(rater * new, (rater + 1) * new):
            lap, pair, case = _dealt(turn, len(pairs), cases)
            left, right = pairs[pair]
            # Sides alternate within a lap, and each comparison changes its side from lap to lap.
            if (lap + turn // len(pairs) % cases + flipped[pair]) % 2:
                left, right = right, left
            dealt.append(Trial(case=order[case], left=left, right=right))
        rng.shuffle(dealt)
        lists.append(_with_repeats(dealt, repeats, rng))
    return lists


def _dealt(turn: int, pairs: int, cases: int) -> tuple[int, int, int]:
    """(lap, pair, case) of a turn: each lap of `pairs * cases` turns meets every pair in every case once.

    Pair and case both go round one by one, so that they are balanced within any stretch of turns. Where they come
    together again before the lap is over, the case slips by one.
    """
    lap, place = divmod(turn, pairs * cases)
    return lap, place % pairs, (place + place // math.lcm(pairs, cases)) % cases


def _with_repeats(trials: list[Trial], repeats: int, rng: Random) -> list[Trial]:
    """Pairs of the first third of the list come again, sides exchanged, among the last third."""
    third = len(trials) // 3
    again = [
        Trial(case=trials[place].case, left=trials[place].right, right=trials[place].left, repeats=place)
        for place in rng.sample(range(third), min(repeats, third))
    ]
    late = trials[2 * third :] + again
    rng.shuffle(late)
    return trials[: 2 * third] + late
