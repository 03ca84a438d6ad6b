"""`impasto plan`: what `stylize` would do, without doing it."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.cli.options import Options, Switch
from impasto.cli.output import print_json
from impasto.cli.progress import ProgressDisplay


def plan(
    source: Path,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    options: Options = Options(),  # noqa: B008 (frozen)
    json: Annotated[bool, Switch] = False,
) -> None:
    """Say what `stylize` would do: shots, segments, tracks, memory and disk; no model is loaded.

    Parameters
    ----------
    source
        A video, a picture, a folder of frames or a pattern such as frames/%04d.png.
    output
        What would be written; the extension chooses the format.
    json
        Print the plan as one JSON object.
    """
    request = options.request(source, output)

    from impasto.job.plan import make_plan

    with ProgressDisplay() as progress:
        planned = make_plan(request, on_event=progress)
    if json:
        print_json(planned)
    else:
        print(*planned.lines(), sep="\n")
