"""The cases, measured."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from impasto.evaluation.fixture.expected import Number
from impasto.evaluation.fixture.madeclip import MadeClip, measure
from impasto.evaluation.metrics.metric import Metric
from impasto.evaluation.sanity.cases import Case

Figures = dict[str, dict[str, Number | None]]
"""By metric and clip; None where it could not be measured."""


def measure_case(
    case: Case, clips: Sequence[MadeClip], metrics: Sequence[Metric], say: Callable[[str], None]
) -> Figures:
    """The figures of all clips in one case; where only the description is wrong, of the metrics that read it."""
    rng = np.random.default_rng(0)
    changed = [replace(clip, outputs=case.change(clip, rng)) for clip in clips]
    if case.wrong_prompt:
        others = [*clips[1:], clips[0]]
        changed = [replace(clip, prompt=other.prompt) for clip, other in zip(changed, others, strict=True)]
        metrics = [metric for metric in metrics if "prompt" in metric.needs]
    figures: Figures = {}
    with TemporaryDirectory() as folder:
        found = measure(changed, metrics, Path(folder), lambda line: say(f"{case.title}: {line}"))
    for (clip, metric), (number, _) in found.items():
        figures.setdefault(metric, {})[clip] = number
    return figures
