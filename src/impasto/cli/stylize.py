"""`impasto stylize`: the main job."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.cli.options import Options, Switch
from impasto.cli.output import print_json
from impasto.cli.progress import ProgressDisplay
from impasto.job.wording import clock_text


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
    request = options.request(source, output)

    from impasto.job.run import run

    with ProgressDisplay() as progress:
        record = run(request, progress)
    if json:
        print_json(record)
        return
    seconds = record.timings["total"]
    print(f"{output}: {record.frames} frames in {clock_text(seconds)} ({record.frames_per_second:.1f} fps).")
    for note in record.notes:
        print(note)
