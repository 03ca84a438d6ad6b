"""What all metrics by published networks have in common."""

import subprocess
import sys
from dataclasses import asdict

import pytest

from impasto.errors import ModelError
from impasto.evaluation.metrics.hub import BY_OTHER_PROGRAMS, HUB_METRICS
from impasto.evaluation.metrics.metric import FrameMetric, Reference
from tests.evaluation.metrics.hub.nets import Film
from tests.evaluation.metrics.toys import texture

FRAME = texture(0)


def test_every_protocol_is_complete():
    assert len({metric.key for metric in HUB_METRICS}) == len(HUB_METRICS) >= 11
    assert len({metric.protocol.name for metric in HUB_METRICS}) == len(HUB_METRICS)
    for metric in HUB_METRICS:
        assert all(asdict(metric.protocol).values()), metric.key
        assert not metric.key.endswith("-nano")
    assert all(BY_OTHER_PROGRAMS.values())


@pytest.mark.parametrize("metric", HUB_METRICS, ids=lambda metric: metric.key)
def test_says_what_is_missing_before_and_when_it_measures(metric):
    reference = Reference(styles=(FRAME,), prompt="cat", first_frame=FRAME)
    with pytest.raises(ModelError, match="missing") as before:
        metric.check_weights()
    with pytest.raises(ModelError, match="missing") as when:
        metric.begin(reference) if isinstance(metric, FrameMetric) else metric.measure(Film([FRAME] * 2), reference)
    assert str(before.value) == str(when.value)
    assert str(before.value).count(". ") == 0


def test_listing_them_does_not_load_transformers():
    code = "import sys, impasto.evaluation.metrics.hub; print('transformers' in sys.modules)"
    listed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (listed.stdout.strip(), listed.stderr) == ("False", "")
