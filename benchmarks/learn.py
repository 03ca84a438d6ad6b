"""What ten minutes of `impasto learn` on a clip bring over the default model: style gap and warp error, as ratios."""

import tempfile
import time
from pathlib import Path

from benchmarks.harness import Measurement, main, say
from benchmarks.paintedclip import PROTOCOL, measure_clip
from impasto.evaluation.assets import CLIPS, STYLES, clip_file, style_file
from impasto.evaluation.judge import Judge
from impasto.guidance import Style
from impasto.stylizers.feedforward.netfile import save_net
from impasto.training.learning import LearnConfig, Learning
from impasto.training.material import read_material

CLIP, STYLE = CLIPS[0], STYLES[0]
MINUTES = (1.0, 2.5, 5.0, 10.0)


def advance(learning: Learning, seconds: float) -> float:
    """Go on learning for so long; gives the seconds that it took."""
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        learning.advance()
    return time.perf_counter() - begun


def measure(quick: bool = False) -> Measurement:
    judge = Judge()
    plain = measure_clip(judge, CLIP, STYLE)
    say(f"swift: {plain}")
    material, style = read_material((clip_file(CLIP),)), Style(image=style_file(STYLE))
    learning = Learning((style,), material, LearnConfig(steps=0))
    curve, seconds = [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        for minutes in (0.05,) if quick else MINUTES:
            seconds += advance(learning, 60 * minutes - seconds)
            net = Path(folder) / f"{learning.step}.safetensors"
            save_net(learning.averaged(), (STYLE,), learning.code.colors, {}, net)
            row = measure_clip(judge, CLIP, STYLE, net)
            curve.append({"minutes": round(seconds / 60, 2), "steps": learning.step, **row})
            say(str(curve[-1]))
    last = curve[-1]
    return Measurement(
        {"gap_ratio": last["gap"] / plain["gap"], "short_ratio": last["short"] / plain["short"]},
        {**PROTOCOL, "clip": CLIP, "style": STYLE, "learned on": "the whole clip", "swift": plain, "learn": curve},
    )


if __name__ == "__main__":
    main("learn", measure)
