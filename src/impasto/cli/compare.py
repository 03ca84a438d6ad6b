"""`impasto compare`: labelled side-by-side videos and contact sheets."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.cli.options import Switch
from impasto.cli.progress import ProgressDisplay


def compare(
    *videos: Path,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    overwrite: Annotated[bool, Switch] = False,
) -> None:
    """Put videos side by side, labelled, with the sound of the first.

    Parameters
    ----------
    videos
        Two or more videos, pictures or folders of frames.
    output
        A video, or a picture (.png, .jpg) for a contact sheet.
    overwrite
        Replace the output if it exists.
    """
    from impasto.job.compare import compare as put_side_by_side

    with ProgressDisplay(task="Comparing") as progress:
        notes = put_side_by_side(videos, output, overwrite, progress)
    print(f"{output}: {len(videos)} side by side.")
    for note in notes:
        print(note)
