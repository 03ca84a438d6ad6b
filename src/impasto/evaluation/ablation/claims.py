"""What StyleMaster's ablations say, and whether it shows at nano scale.

Figures of two rows are compared seed by seed, by Student's paired t: a difference counts where seeds without one would
give it less often than one time in twenty. One that is smaller, or of a single seed, says nothing at this scale; nor
does a metric that fails where the answer is known.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from impasto.evaluation.ablation.columns import UNTRUSTED
from impasto.evaluation.ablation.rows import TableName
from impasto.evaluation.tables.columns import Figures
from impasto.evaluation.tables.findings import Difference, Finding, NotMeasuredError, Verdict


class Measured:
    """The figures of the rows by name, those of each seed in one order."""

    def __init__(self, rows: Mapping[str, list[Figures]]) -> None:
        self._rows = rows

    def above(self, key: str, upper: str, lower: str) -> Difference:
        """By how much the figure of one row is above another's; raises `NotMeasuredError`."""
        pairs = zip(self._figures(upper, key), self._figures(lower, key), strict=True)
        differences = [high - low for high, low in pairs]
        return Difference(f"{key}, `{upper}` less `{lower}`:", differences, trusted=key not in UNTRUSTED)

    def _figures(self, row: str, key: str) -> list[float]:
        values = [figures.get(key) for figures in self._rows.get(row, ())]
        known = [value for value in values if value is not None]
        if not known or len(known) < len(values):
            raise NotMeasuredError
        return known


@dataclass(frozen=True, kw_only=True)
class Claim:
    claim: str
    holds_where: str
    test: Callable[[Measured], list[Difference]] | None = None
    """All must be above 0; None: nothing here can tell."""


def findings(table: TableName, rows: Mapping[str, list[Figures]]) -> list[Finding]:
    """Every claim with its verdict.

    Args:
        rows: figures of each seed, of rows that are complete.
    """
    return judged(CLAIMS[table], rows)


def judged(claims: Sequence[Claim], rows: Mapping[str, list[Figures]]) -> list[Finding]:
    """Claims with their verdicts, see `findings`."""
    return [_finding(claim, Measured(rows)) for claim in claims]


def _finding(claim: Claim, measured: Measured) -> Finding:
    verdict: Verdict = "not measurable here"
    differences = []
    if claim.test is not None:
        try:
            differences = claim.test(measured)
            verdict = _verdict([difference.verdict for difference in differences])
        except NotMeasuredError:
            verdict = "not measured yet"
    figures = "; ".join(map(str, differences))
    return Finding(claim=claim.claim, holds_where=claim.holds_where, figures=figures, verdict=verdict)


def _verdict(verdicts: list[Verdict]) -> Verdict:
    for verdict in ("not reproduced", "not measurable here"):
        if verdict in verdicts:
            return verdict
    return "reproduced"


def _leaks(leaky: str, clean: str) -> Callable[[Measured], list[Difference]]:
    return lambda m: [m.above("csd", leaky, clean), m.above("match", clean, leaky)]


CLAIMS: dict[TableName, tuple[Claim, ...]] = {
    "stylemaster-ablation": (
        Claim(
            claim="The raw CLIP embedding brings its content along: a higher CSD, clips that do not fit the text.",
            holds_where="CSD-nano of `embedding` is above `projector`'s, and its UMT-nano below",
            test=_leaks("embedding", "projector"),
        ),
        Claim(
            claim="So do all patches of the style picture.",
            holds_where="CSD-nano of `all-patches` is above `selected-patches`', and its UMT-nano below",
            test=_leaks("all-patches", "selected-patches"),
        ),
        Claim(
            claim="The patches least like the text keep to it better than as many random ones.",
            holds_where="UMT-nano of `selected-patches` is above `random-patches`'",
            test=lambda m: [m.above("match", "selected-patches", "random-patches")],
        ),
        Claim(
            claim="Projector and selected patches together come nearer to the style than either alone.",
            holds_where="CSD-nano of `both` is above `projector`'s and `selected-patches`'",
            test=lambda m: [m.above("csd", "both", "projector"), m.above("csd", "both", "selected-patches")],
        ),
        Claim(
            claim="The projector draws pictures of one style together, and knows styles that it has not seen.",
            holds_where="on paintings of artists that no projector learned from (`clip-nano` did), spread of "
            "`embedding` is above `projector`'s, and its retrieval below",
            test=lambda m: [
                m.above("spread", "embedding", "projector"),
                m.above("retrieval", "projector", "embedding"),
            ],
        ),
        Claim(
            claim="Illusion pairs teach style better than pictures that are grouped by artist.",
            holds_where="retrieval and UMT-nano of `projector` are above `artists`'",
            test=lambda m: [m.above("retrieval", "projector", "artists"), m.above("match", "projector", "artists")],
        ),
        Claim(
            claim="(Ours.) The selection of the released code, turned around and by texts of another space, lets "
            "content in.",
            holds_where="UMT-nano of `both` is above `released`'s, and its leakage-nano below",
            test=lambda m: [m.above("match", "both", "released"), m.above("leakage", "released", "both")],
        ),
        Claim(
            claim="An RGB tile lets the colours of the source through, and darkens.",
            holds_where="CSD-nano and lightness of `gray-tile` are above `rgb-tile`'s",
            test=lambda m: [m.above("csd", "gray-tile", "rgb-tile"), m.above("lightness", "gray-tile", "rgb-tile")],
        ),
        Claim(
            claim="Canny edges lose the structure of the source.",
            holds_where="structure-nano of `gray-tile` is above `canny`'s",
            test=lambda m: [m.above("structure", "gray-tile", "canny")],
        ),
        Claim(
            claim="Visual quality (VisQ).",
            holds_where="the paper does not say what measures it",
        ),
    ),
    "motion-alpha": (
        Claim(
            claim="The further alpha is below 0, the more a clip moves.",
            holds_where="motion at -1 is above that at -0.3, and that above the one at 0",
            test=lambda m: [m.above("motion", "alpha-1", "alpha-0.3"), m.above("motion", "alpha-0.3", "alpha+0")],
        ),
        Claim(
            claim="It also leads away from the look of the real, nearer to the style.",
            holds_where="CSD-nano at -0.3 is above that at 0",
            test=lambda m: [m.above("csd", "alpha-0.3", "alpha+0")],
        ),
        Claim(
            claim="At -0.3 clips fit the text best; further down they fit it less.",
            holds_where="UMT-nano at -0.3 is above that at -1 and at 0",
            test=lambda m: [m.above("match", "alpha-0.3", "alpha-1"), m.above("match", "alpha-0.3", "alpha+0")],
        ),
        Claim(
            claim="Down to -0.3 motion stays as smooth as without; at -1 it does not.",
            holds_where="MS-nano at -0.3 is above that at -1",
            test=lambda m: [m.above("smooth", "alpha-0.3", "alpha-1")],
        ),
        Claim(
            claim="Visual quality (VisQ) is best at -0.3.",
            holds_where="the paper does not say what measures it",
        ),
    ),
}
