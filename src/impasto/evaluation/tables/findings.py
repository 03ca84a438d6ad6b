"""Verdicts on claims, and when a difference of two figures decides one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev
from typing import Literal

from scipy.stats import t as student

Verdict = Literal["reproduced", "not reproduced", "not measured yet", "not measurable here"]
CONFIDENCE = 0.95
"""Two-sided, by Student's paired t."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A claim with its verdict."""

    claim: str
    holds_where: str
    figures: str
    verdict: Verdict


class NotMeasuredError(Exception):
    """A figure that a claim needs is missing."""


@dataclass(frozen=True)
class Difference:
    """By how much one figure is above another, where a claim says that it is."""

    what: str
    values: Sequence[float]
    """One of each seed or style: of measurements that share nothing."""
    trusted: bool = True
    """Whether the metric can tell."""

    @property
    def mean(self) -> float:
        return fmean(self.values)

    @property
    def error(self) -> float:
        """Standard error of the mean; infinite of a single value."""
        count = len(self.values)
        return stdev(self.values) / math.sqrt(count) if count > 1 else math.inf

    @property
    def verdict(self) -> Verdict:
        if not self.trusted or len(self.values) < 2 or not self.mean:
            return "not measurable here"
        if abs(self.mean) <= float(student.ppf((1 + CONFIDENCE) / 2, len(self.values) - 1)) * self.error:
            return "not measurable here"
        return "reproduced" if self.mean > 0 else "not reproduced"

    def __str__(self) -> str:
        doubt = "" if self.trusted else " (by a metric that is not to be trusted)"
        return f"{self.what} {self.mean:+.3f} ± {self.error:.3f}{doubt}"
