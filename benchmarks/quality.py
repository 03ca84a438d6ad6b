"""Share of the style gap left, and content distance, on photos and styles that no training saw."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness import Measurement, main, pictures, say
from impasto.evaluation.judge import Judge, Verdict, mean_verdict, read_picture
from impasto.guidance import Guidance, Style
from impasto.job.pixels import to_bytes, to_float
from impasto.stylizers.base import Preset, Stylizer
from impasto.stylizers.feedforward.swift import Swift
from impasto.stylizers.memoryshot import MemoryShot

STANDARD_PAIRS = [(2 * i, 7 * i % 20) for i in range(12)]
"""(photo, style), numbers of the files sorted by name."""


def repaint(photo: NDArray[np.uint8], style: Path, stylizer: Stylizer) -> NDArray[np.uint8]:
    """The photo in the style, at its own size, as `impasto stylize photo.jpg` paints it."""
    frame = to_float(photo)
    stylizer.prepare(Guidance(styles=(Style(image=style),)), MemoryShot([frame]), lambda share: None)
    (painted,) = stylizer.stylize([frame], {})
    return to_bytes(painted)


def judge_pairs(judge: Judge, pairs: list[tuple[Path, Path]], preset: Preset) -> Verdict:
    """Mean verdict over pairs of a photo and a style."""
    photos = {path: read_picture(path) for path, _ in pairs}
    seen = {path: judge.see(rgb) for path, rgb in photos.items()}
    seen |= {path: judge.see(read_picture(path)) for path in {style for _, style in pairs}}
    verdicts = []
    for number, (photo, style) in enumerate(pairs, 1):
        painted = repaint(photos[photo], style, Swift(preset))
        verdicts.append(judge(judge.see(painted), seen[photo], seen[style]))
        if number % 24 == 0 or preset != "draft":
            mean = mean_verdict(verdicts)
            say(f"{preset} {number}/{len(pairs)}: gap {mean.gap:.3f}, content {mean.content:.3f}")
    return mean_verdict(verdicts)


def measure(quick: bool = False) -> Measurement:
    photos, styles = pictures("eval/photos"), pictures("eval/styles")
    every = [(photo, style) for style in styles for photo in photos]
    twelve = [(photos[i], styles[j]) for i, j in STANDARD_PAIRS]
    if quick:
        every, twelve = every[:: len(photos) + 1][:2], twelve[:1]
    judge = Judge()
    draft, standard = judge_pairs(judge, every, "draft"), judge_pairs(judge, twelve, "standard")
    return Measurement(
        {
            "gap": draft.gap,
            "content": draft.content,
            "gap_other": draft.gap_other,
            "gap_standard": standard.gap,
            "content_standard": standard.content,
        },
        {
            "draft": f"{len(every)} pairs: every photo of eval/photos with every picture of eval/styles",
            "standard": f"{len(twelve)} pairs: photo 2i with style 7i mod 20, files sorted by name, i from 0",
            "pictures": "repainted at their own size, judged at 256x256 (impasto.evaluation.judge)",
            "gap_other_standard": round(standard.gap_other, 4),
        },
    )


if __name__ == "__main__":
    main("quality", measure)
