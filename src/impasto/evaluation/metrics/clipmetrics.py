"""Metrics of a clip from its first frame to its last: how steady it is, how it moves, where its colours go."""

from collections import deque
from collections.abc import Callable
from statistics import fmean

import numpy as np

from impasto.errors import InputError
from impasto.evaluation.metrics.drift import COLOR_DRIFT, color_drift
from impasto.evaluation.metrics.flicker import TEMPORAL_FLICKER, frame_changes
from impasto.evaluation.metrics.metric import ClipMetric, Footage, Measured, Reference
from impasto.evaluation.metrics.motion import (
    DYNAMIC_DEGREE,
    MOTION_SMOOTHNESS,
    SMALLEST,
    dynamic_degree,
    motion_smoothness,
)
from impasto.evaluation.metrics.protocol import MetricProtocol
from impasto.evaluation.warp_error import STEPS, WarpError, warp_error
from impasto.job.pixels import to_bytes
from impasto.video.types import Picture


def _warp_protocol(span: str) -> MetricProtocol:
    step = STEPS[span]
    return MetricProtocol(
        name=f"E_warp {span}",
        better="lower",
        definition="1000 x mean over pixels and channels of the squared difference of the output's frame and a later "
        "one seen along the flow, RGB in [0, 1] (Lai 2018); pixels where the flow forward and backward agree and "
        "which stay inside (Ruder 2016)",
        extractor="DIS flow (OpenCV, medium) of the source",
        frames=f"every two frames {step} apart; mean of those whose flow can be trusted",
        trap="rewards blur; the source has one of its own, read it beside; programs differ in flow, mask and scale",
    )


def _measure_warp_error(step: int) -> Callable[[Footage, Reference], Measured]:
    def measure(footage: Footage, _: Reference) -> Measured:
        past: deque[tuple[Picture, Picture]] = deque(maxlen=step + 1)
        pairs: list[WarpError | None] = []
        for source, output in zip(footage.sources(), footage.outputs(), strict=True):
            past.append((to_bytes(source), to_bytes(output)))
            if len(past) > step:
                pairs.append(_of_pair(past[0], past[-1]))
        found = [pair for pair in pairs if pair]
        if not found:
            raise InputError(f"There are no two frames {step} apart whose motion can be followed; give a longer clip.")
        return Measured(
            value=fmean(pair.output for pair in found),
            curve=tuple(pair.output if pair else np.nan for pair in pairs),
            detail={"used": fmean(pair.used for pair in found), "pairs": len(found)},
            source=Measured(
                value=fmean(pair.source for pair in found),
                curve=tuple(pair.source if pair else np.nan for pair in pairs),
            ),
        )

    return measure


def _of_pair(first: tuple[Picture, Picture], second: tuple[Picture, Picture]) -> WarpError | None:
    """The error of one pair, so that it can be drawn over time; None where no pixel can be followed."""
    height, width = second[0].shape[:2]
    if min(height, width) < SMALLEST:
        raise InputError(f"The frames are {width}x{height} pixels; flow needs sides of at least {SMALLEST}.")
    try:
        return warp_error((first[0], second[0]), (first[1], second[1]))
    except ValueError:
        return None


def _flicker(footage: Footage, _: Reference) -> Measured:
    steadiness = tuple(1 - change for change in frame_changes(footage.outputs()))
    return Measured(value=fmean(steadiness), curve=steadiness)


def _dynamic_degree(footage: Footage, _: Reference) -> Measured:
    degree = dynamic_degree(footage.outputs(), footage.fps)
    return Measured(value=float(degree.dynamic), detail={"magnitude": degree.magnitude, "threshold": degree.threshold})


def _smoothness(footage: Footage, _: Reference) -> Measured:
    return Measured(value=motion_smoothness(footage.outputs()))


def _drift(footage: Footage, _: Reference) -> Measured:
    drift = color_drift(footage.outputs(), max(1, round(footage.fps)))  # segments of one second
    return Measured(value=drift.slope, curve=drift.delta_e, detail={"segment_frames": drift.segment_frames})


METRICS = (
    *(
        ClipMetric(
            key=key,
            protocol=_warp_protocol(span),
            needs=frozenset({"source"}),
            unit="x 1000",
            measure=_measure_warp_error(STEPS[span]),
        )
        for key, span in (("warp-error", "short"), ("warp-error-long", "long"))
    ),
    ClipMetric(key="flicker", protocol=TEMPORAL_FLICKER, measure=_flicker),
    ClipMetric(key="dynamic-degree-nano", protocol=DYNAMIC_DEGREE, unit="0 or 1", measure=_dynamic_degree),
    ClipMetric(key="smoothness-nano", protocol=MOTION_SMOOTHNESS, measure=_smoothness),
    ClipMetric(
        key="colour-drift",
        protocol=COLOR_DRIFT,
        unit="deltaE a second",
        curve="deltaE of each second from the first",
        measure=_drift,
    ),
)
