"""`impasto learn`: teach a network one style."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from impasto.cli.options import Switch
from impasto.job.values import parse_style
from impasto.job.wording import clock_text, size_text

if TYPE_CHECKING:
    from impasto.training.learn import Progress

SECONDS_BETWEEN_LINES = 5.0


def learn(
    *style: str,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    on: Annotated[tuple[Path, ...], Parameter(negative=(), show_default=False)] = (),
    network: Literal["swift", "johnson"] = "swift",
    steps: int = 1500,
    seed: int = 0,
    overwrite: Annotated[bool, Switch] = False,
) -> None:
    """Teach a network one style; `impasto stylize --model` then takes its file.

    CTRL-C stops, and the same command goes on. OUT.preview.jpg shows how far it has come.

    Parameters
    ----------
    style
        A picture or the name of a style; several are mixed. STYLE=0.3 gives a weight.
    output
        The file to write, such as net.safetensors.
    on
        What to learn on: the video that it is for, other videos, pictures, or folders of them; repeat it for more.
        By default scenes that Impasto renders itself.
    network
        swift begins with what the model swift makes of the style; johnson is the classic of 2016, slower, for
        comparison.
    steps
        How long to learn. More steps of the same command go on from where it was stopped.
    seed
        The same seed gives the same network.
    overwrite
        Replace the output if it exists, and begin anew where another command was stopped.
    """
    from impasto.errors import InputError
    from impasto.training.learn import LearnRun, interruption_told
    from impasto.training.learn import learn as teach
    from impasto.training.learning import LearnConfig

    if not style:
        raise InputError("Nothing to learn: give a picture or the name of a style (`impasto styles` lists them).")
    run = LearnRun(
        styles=tuple(parse_style(text) for text in style),
        on=on,
        output=output,
        overwrite=overwrite,
        config=LearnConfig(network=network, steps=steps, seed=seed),
    )
    with interruption_told(run):
        last = _tell(teach(run))
    figures = f"style gap left {last.figures.gap:.2f}, content distance {last.figures.content:.2f}"
    print(f"{output}: {last.step} steps, {figures}, {size_text(output.stat().st_size)}; {run.preview} shows it.")


def _tell(learning: "Iterator[Progress]") -> "Progress":
    """Print a line on stderr every few seconds; gives the last progress."""
    first = last = next(learning)
    begun = shown = time.monotonic()
    for last in learning:
        now = time.monotonic()
        if last.note:
            print(last.note, file=sys.stderr)
        elif now - shown >= SECONDS_BETWEEN_LINES and last.step > first.step:
            shown, left = now, (now - begun) / (last.step - first.step) * (last.steps - last.step)
            figures = f"gap {last.figures.gap:.2f}, content {last.figures.content:.2f}"
            print(f"Learning: step {last.step}/{last.steps}, {figures}, {clock_text(left)} left", file=sys.stderr)
    return last
