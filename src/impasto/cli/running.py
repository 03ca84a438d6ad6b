"""Runs that repaint or steady a video: what they show meanwhile and say at the end."""

from impasto.cli.output import print_json
from impasto.cli.progress import ProgressDisplay
from impasto.job.request import Request
from impasto.job.wording import clock_text


def run_shown(request: Request, task: str, json: bool) -> None:
    """Do what is asked; then print the record where JSON is wanted, else a line and what is to be noted."""
    from impasto.job.run import run

    with ProgressDisplay(task) as progress:
        record = run(request, progress)
    if json:
        print_json(record)
        return
    seconds = record.timings["total"]
    print(f"{request.output}: {record.frames} frames in {clock_text(seconds)} ({record.frames_per_second:.1f} fps).")
    for note in record.notes:
        print(note)
