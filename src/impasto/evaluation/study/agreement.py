"""How far raters agree with each other, and with themselves."""

from collections.abc import Iterable, Sequence


def krippendorff_alpha(answers_by_comparison: Iterable[Sequence[float]]) -> float | None:
    """Agreement of raters who saw the same comparisons: 1 complete, 0 as by chance, below 0 opposed.

    An answer is 1 (the first method is better), 0 (equal) or -1 (the second); the distance of two answers is their
    squared difference. None where no comparison was seen twice, or all answers are "equal".
    Krippendorff, Content Analysis (2004), section 11.3.
    """
    units = [answers for answers in answers_by_comparison if len(answers) > 1]
    count = sum(map(len, units))
    squares = sum(answer**2 for answers in units for answer in answers)
    if squares == 0:
        return None
    # The sum over all ordered pairs of a unit, (a - b)^2, is 2 (m sum(a^2) - sum(a)^2).
    observed = sum(2 * (len(u) * sum(a * a for a in u) - sum(u) ** 2) / (len(u) - 1) for u in units) / count
    # Unlike Krippendorff, every comparison also counts mirrored: which method is "the first" is arbitrary, and one that
    # all prefer everywhere would leave nothing to expect by chance.
    expected = 4 * squares / (2 * count - 1)
    return 1 - observed / expected
