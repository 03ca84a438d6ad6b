"""Which metrics are measured, and what there is to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from impasto.errors import ModelError, UnsupportedOption
from impasto.evaluation.metrics.catalog import metrics
from impasto.evaluation.metrics.metric import Metric, Need
from impasto.evaluation.running.comparison import Comparison

OPTIONS: dict[Need, str] = {
    "source": "--source",
    "style": "--style",
    "prompt": "--prompt",
    "first_frame": "--first-frame",
}


@dataclass(frozen=True, kw_only=True)
class MetricFacts:
    key: str
    name: str
    better: str
    unit: str
    needs: tuple[str, ...]
    definition: str
    by_name_only: bool
    """Too slow to be measured unless it is asked for."""
    missing: str
    """Which weights are not there; empty where all are."""


def metric_facts() -> list[MetricFacts]:
    """All metrics, in the order of reports."""
    return [
        MetricFacts(
            key=metric.key,
            name=metric.protocol.name,
            better=metric.protocol.better,
            unit=metric.unit,
            needs=tuple(sorted(metric.needs)),
            definition=metric.protocol.definition,
            by_name_only=metric.by_name_only,
            missing=missing_weights(metric),
        )
        for metric in metrics().values()
    ]


def missing_weights(metric: Metric) -> str:
    """Which weights of a metric are not there; empty where all are."""
    try:
        metric.check_weights()
    except ModelError as error:
        return str(error)
    return ""


def chosen(keys: Sequence[str], comparisons: Sequence[Comparison]) -> tuple[Metric, ...]:
    """The metrics of these keys; of none, all that one of the comparisons has what they need for and that are quick.

    Raises:
        UnsupportedOption: there is no such metric, or a comparison has not what it needs (says what to give).
    """
    known = metrics()
    if not keys:
        quick = (metric for metric in known.values() if not metric.by_name_only)
        return tuple(m for m in quick if any(m.needs <= comparison.given for comparison in comparisons))
    for key in keys:
        if key not in known:
            near = get_close_matches(key, known, n=1)
            hint = f"did you mean {near[0]!r}? " if near else ""
            raise UnsupportedOption(f"Unknown metric {key!r}; {hint}`impasto evaluate metrics` lists them.")
        for comparison in comparisons:
            if lacking := known[key].needs - comparison.given:
                options = " and ".join(OPTIONS[need] for need in sorted(lacking))
                raise UnsupportedOption(f"Metric {key!r} needs {options} for {str(comparison.output)!r}; give it.")
    return tuple(known[key] for key in dict.fromkeys(keys))
