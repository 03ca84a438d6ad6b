"""`impasto deflicker`: the stabiliser alone."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.cli.options import FileOptions, Switch
from impasto.cli.running import run_shown
from impasto.job.deflicker import deflicker_request


def deflicker(
    source: Path,
    /,
    *,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    guide: Path | None = None,
    options: FileOptions = FileOptions(),  # noqa: B008 (frozen)
    json: Annotated[bool, Switch] = False,
) -> None:
    """Steady a video that was painted, or changed in any way, frame by frame.

    Parameters
    ----------
    source
        A video, a folder of frames or a pattern such as frames/%04d.png.
    output
        What to write; the extension chooses the format, none means a folder of PNG frames.
    guide
        The video, or the folder of frames, as it was before: its motion is surer than that of the flickering frames.
    json
        Print the run record as one JSON object.
    """
    run_shown(deflicker_request(source, output, guide, **options.of_request), "Steadying", json)
