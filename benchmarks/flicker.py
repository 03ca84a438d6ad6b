"""Warp error of repainted clips, over one frame and over five, and how much of the style they have."""

from typing import Any

import numpy as np

from benchmarks.harness import Measurement, main, say
from benchmarks.paintedclip import PROTOCOL, measure_clip
from impasto.evaluation.assets import CLIPS, STYLES
from impasto.evaluation.judge import Judge


def measure(quick: bool = False) -> Measurement:
    judge = Judge()
    rows: list[dict[str, Any]] = []
    for clip in CLIPS[: 1 if quick else None]:
        for style in STYLES[: 1 if quick else None]:
            row = measure_clip(judge, clip, style)
            say(f"{clip} x {style}: {row}")
            rows.append({"clip": clip, "style": style, **row})
    figure = {key: float(np.mean([row[key] for row in rows])) for key in ("short", "long", "gap")}
    return Measurement(figure, {**PROTOCOL, "rows": rows})


if __name__ == "__main__":
    main("flicker", measure)
