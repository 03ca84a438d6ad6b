"""Every metric that `impasto evaluate run` knows, in the order in which reports show them."""

from impasto.evaluation.metrics import (
    cfsd,
    clipmetrics,
    clipnano,
    consistency,
    csd,
    framemetrics,
    setmetrics,
    wasserstein,
)
from impasto.evaluation.metrics.hub import HUB_METRICS
from impasto.evaluation.metrics.metric import Metric

CATALOG: tuple[tuple[Metric, ...], ...] = (
    framemetrics.METRICS,
    cfsd.NANO_METRICS,
    csd.METRICS,
    wasserstein.NANO_METRICS,
    clipnano.METRICS,
    clipmetrics.METRICS,
    consistency.NANO_METRICS,
    setmetrics.METRICS,
    HUB_METRICS,
)


def metrics() -> dict[str, Metric]:
    """All metrics, by key."""
    return {metric.key: metric for family in CATALOG for metric in family}
