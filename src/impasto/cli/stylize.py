"""`impasto stylize`: the main job."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.cli.options import Options, Switch
from impasto.cli.running import run_shown


def stylize(
    source: Path,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    options: Options = Options(),  # noqa: B008 (frozen)
    json: Annotated[bool, Switch] = False,
) -> None:
    """Repaint a video, a picture or a folder of frames.

    Parameters
    ----------
    source
        A video, a picture, a folder of frames or a pattern such as frames/%04d.png.
    output
        What to write; the extension chooses the format, none means a folder of PNG frames.
    json
        Print the run record as one JSON object.
    """
    run_shown(options.request(source, output), "Repainting", json)
