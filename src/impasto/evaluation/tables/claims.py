"""What the feed-forward video style transfer study claims, and whether the flicker table shows it.

The study: a system built at NTNU, frame-wise Gatys, then Ruder's constraint, then Johnson's network with instance
normalisation and a temporal term, style measured by Wasserstein distance. It prints no figures, so every threshold here
is this project's own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import fmean

from scipy.stats import spearmanr

from impasto.evaluation.tables.findings import Difference, Finding, NotMeasuredError, Verdict
from impasto.evaluation.tables.results import RowResult

STEADY, SAME_STYLE, FLICKERS, REAL_TIME, AGREES = 1 / 3, 1.1, 3.0, 24.0, 0.8


class Measured:
    """The rows by name."""

    def __init__(self, short: Mapping[str, RowResult], whole: Mapping[str, RowResult]) -> None:
        self._short, self._whole = short, whole

    def __call__(self, row: str, key: str) -> float:
        """The figure on the first frames; raises `NotMeasuredError`."""
        return _figure(self._short, row, key)

    def whole(self, row: str, key: str) -> float:
        """On whole clips."""
        return _figure(self._whole, row, key)

    def nearer(self, row: str, other: str) -> Difference:
        """How much less style gap a row leaves than another on the first frames, style by style, because networks are
        taught once for each."""
        return _nearer(self._short, row, other)

    def whole_nearer(self, row: str, other: str) -> Difference:
        """On whole clips."""
        return _nearer(self._whole, row, other)

    @property
    def complete(self) -> list[str]:
        """Rows that were painted and have all their figures."""
        return [name for name, row in self._short.items() if None not in row.figures.values()]


def _figure(rows: Mapping[str, RowResult], row: str, key: str) -> float:
    value = rows[row].figures.get(key) if row in rows else None
    if value is None:
        raise NotMeasuredError
    return value


def _nearer(rows: Mapping[str, RowResult], row: str, other: str) -> Difference:
    gaps = [_gaps(rows, name) for name in (row, other)]
    what = f"{_figure(rows, row, 'gap'):.3f} and {_figure(rows, other, 'gap'):.3f}; less by"
    return Difference(f"gap {what}", [theirs - own for own, theirs in zip(*gaps, strict=True)])


def _gaps(rows: Mapping[str, RowResult], name: str) -> list[float]:
    """The gap of each style, the mean over clips."""
    _figure(rows, name, "gap")
    by_style = dict[str, list[float]]()
    for cell in rows[name].cells:
        if (gap := cell.figures["gap"]) is not None:
            by_style.setdefault(cell.style, []).append(gap)
    return [fmean(gaps) for gaps in by_style.values()]


@dataclass(frozen=True, kw_only=True)
class Claim:
    claim: str
    holds_where: str
    test: Callable[[Measured], tuple[bool | None, str] | Difference] | None = None
    """Whether it holds, and the figures; None, of either: nothing here can tell."""


def findings(short: Mapping[str, RowResult], whole: Mapping[str, RowResult]) -> list[Finding]:
    """Every claim of the study with its verdict.

    Args:
        short: the rows on the first frames, by name.
        whole: the same on whole clips.
    """
    return [_finding(claim, Measured(short, whole)) for claim in CLAIMS]


def _finding(claim: Claim, measured: Measured) -> Finding:
    figures = ""
    verdict: Verdict = "not measurable here"
    if claim.test is not None:
        try:
            found = claim.test(measured)
            if isinstance(found, Difference):
                figures, verdict = f"{found} (over styles)", found.verdict
            else:
                holds, figures = found
                if holds is not None:
                    verdict = "reproduced" if holds else "not reproduced"
        except NotMeasuredError:
            verdict = "not measured yet"
    return Finding(claim=claim.claim, holds_where=claim.holds_where, figures=figures, verdict=verdict)


def _flickers(m: Measured) -> tuple[bool, str]:
    painted, source = m("gatys-gram", "short"), m("source", "short")
    return painted >= FLICKERS * source, f"E_warp {painted:.2f}, of the clip itself {source:.2f}"


def _steadies(steady: str, plain: str) -> Callable[[Measured], tuple[bool, str]]:
    def test(m: Measured) -> tuple[bool, str]:
        error, before = m(steady, "short"), m(plain, "short")
        gap, gap_before = m(steady, "gap"), m(plain, "gap")
        holds = error <= STEADY * before and gap <= SAME_STYLE * gap_before
        return holds, f"E_warp {error:.2f} after {before:.2f}; gap {gap:.3f} after {gap_before:.3f}"

    return test


def _steadier(steady: str, plain: str) -> str:
    return f"E_warp of `{steady}` is at most a third of `{plain}`'s, at no more than 10 % more gap"


def _unwarped_is_enough(m: Measured) -> tuple[bool, str]:
    holds, figures = _steadies("gatys-unwarped", "gatys-gram")(m)
    return holds, f"{figures}; along the flow E_warp {m('ruder-gram', 'short'):.2f}, gap {m('ruder-gram', 'gap'):.3f}"


def _optimisation_is_slow(m: Measured) -> tuple[bool | None, str]:
    network, gatys = m.whole("johnson-gram-temporal", "fps"), m("gatys-gram", "fps")
    # Below that it says nothing: the table is made on a processor, the study's was not.
    figures = f"{network:.1f} frames a second on whole clips; Gatys {gatys:.3f} on small frames"
    return network >= REAL_TIME or None, figures


def _instance_is_faster(m: Measured) -> tuple[bool, str]:
    instance, batch = m.whole("johnson-gram-temporal", "fps"), m.whole("johnson-batch-temporal", "fps")
    return instance > batch, f"{instance:.1f} frames a second, with batch normalisation {batch:.1f}"


def _best_balance(m: Measured) -> tuple[bool, str]:
    def costs(row: str) -> tuple[float, float, float]:
        return m(row, "gap"), m(row, "short"), -m(row, "fps")

    own = costs("johnson-gram-temporal")
    rivals = "gatys-gram", "gatys-unwarped", "ruder-gram", "johnson-gram", "johnson-batch-temporal"
    better = [row for row in rivals if all(theirs <= mine for theirs, mine in zip(costs(row), own, strict=True))]
    return not better, f"better in everything: {', '.join(better) or 'none'}"


def _wasserstein_measures(m: Measured) -> tuple[bool, str]:
    if len(m.complete) < 5:
        raise NotMeasuredError
    exact, other = ([m(row, key) for row in m.complete] for key in ("exact", "gap_other"))
    agreement = float(spearmanr(exact, other)[0])  # pyright: ignore[reportArgumentType]
    return agreement >= AGREES, f"rank correlation {agreement:.2f} over {len(m.complete)} rows"


CLAIMS = (
    Claim(
        claim="Style transfer frame by frame (Gatys) flickers too much for video.",
        holds_where=f"E_warp of `gatys-gram` is at least {FLICKERS:g} times that of the clip itself",
        test=_flickers,
    ),
    Claim(
        claim="Ruder's constraint along the optical flow gives way better results.",
        holds_where=_steadier("ruder-gram", "gatys-gram"),
        test=_steadies("ruder-gram", "gatys-gram"),
    ),
    Claim(
        claim="The difference of consecutive painted frames, as the study prints it (without flow), stops the flicker.",
        holds_where=_steadier("gatys-unwarped", "gatys-gram"),
        test=_unwarped_is_enough,
    ),
    Claim(
        claim="Optimising each frame is slow; a feed-forward network works in real time.",
        holds_where=f"`johnson-gram-temporal` paints {REAL_TIME:g} frames a second of whole clips",
        test=_optimisation_is_slow,
    ),
    Claim(
        claim="Instance normalisation is what makes it fast.",
        holds_where="`johnson-gram-temporal` paints more frames a second than `johnson-batch-temporal`",
        test=_instance_is_faster,
    ),
    Claim(
        claim="Instance normalisation suits style transfer better than batch normalisation (Ulyanov 2016).",
        holds_where="after the same teaching the gap of `johnson-gram-temporal` on whole clips is below "
        "`johnson-batch-temporal`'s",
        test=lambda m: m.whole_nearer("johnson-gram-temporal", "johnson-batch-temporal"),
    ),
    Claim(
        claim="The temporal constraint in training makes the network steady.",
        holds_where=_steadier("johnson-gram-temporal", "johnson-gram"),
        test=_steadies("johnson-gram-temporal", "johnson-gram"),
    ),
    Claim(
        claim="Johnson's network with instance normalisation and the temporal constraint is the right balance of speed "
        "and quality.",
        holds_where="no other of the study's methods is at least as good in gap, E_warp and speed",
        test=_best_balance,
    ),
    Claim(
        claim="Quality and speed are traded: optimisation comes nearer to the style.",
        holds_where="the gap of `ruder-gram` is below `johnson-gram-temporal`'s",
        test=lambda m: m.nearer("ruder-gram", "johnson-gram-temporal"),
    ),
    Claim(
        claim="The Wasserstein distance between feature distributions measures how well the style was transferred.",
        holds_where=f"over the rows, exact 1-Wasserstein ranks as the second network's gap does (Spearman, {AGREES:g})",
        test=_wasserstein_measures,
    ),
    Claim(
        claim="The results look good to people.",
        holds_where="the study shows no figures, weights or votes to compare with",
    ),
)
