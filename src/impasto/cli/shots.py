"""`impasto shots`: where the cuts are, as a list to edit."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.cli.options import Switch
from impasto.cli.output import print_json, print_table
from impasto.cli.progress import ProgressDisplay


def shots(
    source: Path,
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    overwrite: Annotated[bool, Switch] = False,
    json: Annotated[bool, Switch] = False,
) -> None:
    """List the shots of a video, to edit and to give styles.

    Parameters
    ----------
    source
        A video or a folder of frames.
    output
        Where to save the list; `impasto stylize --shots` takes it.
    overwrite
        Replace the list if it exists.
    json
        Print the list as one JSON object.
    """
    from impasto.job.findshots import list_shots

    with ProgressDisplay() as progress:
        listed = list_shots(source, output, overwrite, progress)
    if json:
        print_json(listed)
        return
    rows = [
        [str(number), str(row["start"]), str(row["stop"]), f"{row['start_time']:.2f}", f"{row['stop_time']:.2f}"]
        for number, row in enumerate(listed["shots"], 1)
    ]
    print_table(["shot", "start", "stop", "from s", "to s"], rows)
