"""`impasto generate`: clips and pictures from a description."""

import re
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.cli.options import CommonOptions, Switch
from impasto.cli.output import print_json
from impasto.cli.progress import ProgressDisplay
from impasto.errors import UnsupportedOption
from impasto.job.values import parse_rate, parse_time
from impasto.job.wording import clock_text, count_text
from impasto.stylizers.registry import DEFAULT_MAKER


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class MakingOptions(CommonOptions):
    """What to make and how."""

    model: str = DEFAULT_MAKER
    """A name that `impasto models` lists."""
    size: str | None = None
    """WIDTHxHEIGHT in pixels, such as 832x480."""
    seconds: str | None = None
    """How long, such as 5 or 0:05."""
    frames: int | None = None
    """How many frames, instead of seconds."""


def generate(
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    options: MakingOptions = MakingOptions(),
    json: Annotated[bool, Switch] = False,
) -> None:
    """Make a clip, or a picture, of what is described, in the style of a picture.

    Parameters
    ----------
    output
        What to write; the extension chooses the format, that of a picture makes a picture.
    json
        Print the run record as one JSON object.
    """
    from impasto.job.making import canvas_for
    from impasto.job.run import run
    from impasto.stylizers.registry import find_model

    size, seconds = parse_size(options.size), _parse_seconds(options.seconds)
    canvas = canvas_for(find_model(options.model), output, size, seconds, options.frames, parse_rate(options.fps))
    request = options.common_request(canvas, output)
    with ProgressDisplay("Painting") as progress:
        record = run(request, progress)
    if json:
        print_json(record)
        return
    print(f"{output}: {count_text(record.frames, 'frame')} in {clock_text(record.timings['total'])}.")
    for note in record.notes:
        print(note)


def parse_size(text: str | None) -> tuple[int, int] | None:
    """(width, height) of WIDTHxHEIGHT."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    if match is None:
        raise UnsupportedOption(f"--size {text!r} is not WIDTHxHEIGHT; write for example 832x480.")
    return int(match[1]), int(match[2])


def _parse_seconds(text: str | None) -> Fraction | None:
    seconds = None if text is None else parse_time(text)
    if text is not None and not seconds:
        raise UnsupportedOption(f"--seconds {text!r} is not a length; write for example 5 or 0:05.")
    return seconds
