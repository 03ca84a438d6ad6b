"""Every metric that `impasto evaluate run` knows, in the order in which reports show them."""

from impasto.evaluation.metrics import clipmetrics, csd, framemetrics, setmetrics
from impasto.evaluation.metrics.metric import Metric

CATALOG: tuple[tuple[Metric, ...], ...] = (
    framemetrics.METRICS,
    csd.METRICS,
    clipmetrics.METRICS,
    setmetrics.METRICS,
)


def metrics() -> dict[str, Metric]:
    """All metrics, by key."""
    return {metric.key: metric for family in CATALOG for metric in family}
