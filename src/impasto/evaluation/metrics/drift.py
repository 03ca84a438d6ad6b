"""How far the colours of a video wander off as it goes on."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from impasto.color.drift import Drift, drift_of, mean_lab
from impasto.errors import UnsupportedOption
from impasto.evaluation.metrics.frames import Frame, checked
from impasto.evaluation.metrics.protocol import MetricProtocol

COLOR_DRIFT = MetricProtocol(
    name="colour drift",
    better="lower",
    definition="CIEDE2000 (Sharma 2005) between the mean CIE Lab colour of each segment and that of the first; slope "
    "of the least-squares line over the segments, deltaE per segment",
    frames="all frames, in segments of a stated length, the last as long as what is left",
    trap="a source whose colours change drifts as well: read it beside the source's own; colours that change places "
    "within the frame do not show",
)


@dataclass(frozen=True)
class ColorDrift(Drift):
    segment_frames: int


def color_drift(frames: Iterable[Frame], segment_frames: int) -> ColorDrift:
    """Measure the drift of a video, in memory that does not grow with its length.

    Args:
        segment_frames: length of a segment; that of the model's own segments shows what chaining them does.

    Raises:
        InputError: fewer than two segments, or a frame is no picture or of another size (says which).
        UnsupportedOption: a segment has no frames.
    """
    if segment_frames < 1:
        raise UnsupportedOption(f"Segments of {segment_frames} frames are out of range; give at least 1.")
    sums, counts = [], []
    for number, frame in enumerate(checked(frames, segment_frames + 1)):
        if number % segment_frames == 0:
            sums.append(np.zeros(3))
            counts.append(0)
        sums[-1] += mean_lab(frame.astype(np.float32, copy=False))
        counts[-1] += 1
    drift = drift_of([total / count for total, count in zip(sums, counts, strict=True)])
    return ColorDrift(drift.delta_e, drift.slope, segment_frames)
