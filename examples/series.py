"""Teach a network one style, then repaint many videos with it, which need no adapting any more.

python examples/series.py painting.jpg 1500 out/ monday.mp4 tuesday.mp4
"""

import sys
from pathlib import Path

import impasto
from impasto.guidance import Style
from impasto.training.learn import LearnRun, learn
from impasto.training.learning import LearnConfig


def main(style: str, steps: str, folder: str, *videos: str) -> None:
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    net = out / "style.safetensors"
    if not net.exists():
        look = Style(image=Path(style)) if Path(style).exists() else Style(name=style)
        on = tuple(map(Path, videos))
        run = LearnRun(styles=(look,), on=on, output=net, config=LearnConfig(steps=int(steps)))
        for progress in learn(run):  # goes on where it was stopped
            print(f"step {progress.step} of {progress.steps}: style gap {progress.figures.gap:.2f}")
    for video in videos:
        impasto.stylize(video, model=str(net), output=out / Path(video).name)


if __name__ == "__main__":
    main(*sys.argv[1:])
