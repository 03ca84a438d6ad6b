"""How much style does it cost to keep edges? One clip, painted with and without --structure, and measured.

python examples/measure.py holiday.mp4 painting.jpg out/
"""

import sys
from pathlib import Path

import impasto
from impasto.evaluation.metrics.catalog import metrics
from impasto.evaluation.running.clip import Clip
from impasto.evaluation.running.comparison import Comparison
from impasto.evaluation.running.evaluate import evaluate

KEYS = ("warp-error", "gaussian-wasserstein-nano", "structure-nano")
"""How steady it is, how far from the style, how much of the layout is kept; alone none of them says anything."""


def main(source: str, style: str, folder: str) -> None:
    Path(folder).mkdir(parents=True, exist_ok=True)
    clips = []
    for structure in (0.0, 0.7):
        output = Path(folder) / f"structure-{structure:g}.mp4"
        impasto.stylize(source, style=style, output=output, preset="draft", structure=structure, overwrite=True)
        clips.append(Clip(Comparison(output=output, source=Path(source), styles=(Path(style),))))
    *_, evaluation = evaluate(clips, [metrics()[key] for key in KEYS])
    for result in evaluation.clips:
        shown = {key: figure.measured.value for key, figure in result.figures.items() if figure.measured}
        print(result.clip.comparison.output, *(f"{key} {value:.4g}" for key, value in shown.items()))


if __name__ == "__main__":
    main(*sys.argv[1:])
