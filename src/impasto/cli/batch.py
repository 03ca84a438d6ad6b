"""`impasto batch`: many videos, on this machine or on many."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from impasto.cli.batchprogress import BatchDisplay
from impasto.cli.options import Options, Switch
from impasto.cli.output import print_json, reason_of
from impasto.errors import UnsupportedOption
from impasto.job.events import Outcome
from impasto.job.wording import count_text

SOME_FAILED = 1


def batch(
    list_file: Annotated[Path, Parameter(name="LIST")],
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    on: str | None = None,
    workers: int | None = None,
    options: Options = Options(),  # noqa: B008 (frozen)
    json: Annotated[bool, Switch] = False,
) -> int:
    """Repaint all videos of a list.

    The same command goes on where it was stopped, and does nothing again that is done. Exit code 1 where some failed.

    Parameters
    ----------
    list_file
        A text file with a source on each line, or a JSON list of objects with the options of `stylize` by name, source
        and output among them. What it does not say is as in the options here. Its paths begin at its folder.
    output
        A folder for outputs that the list does not name; made if it is missing.
    on
        ray://HOST:PORT of a Ray cluster whose machines share the files, or local for worker processes on this machine:
        shots are painted at the same time.
    workers
        How many paint at once; by default one for each machine, or for each accelerator where the model needs one.
    json
        Print what became of each as one JSON object.
    """
    from impasto.job.batch import plan_batch, run_batch
    from impasto.stylizers.registry import find_model

    if workers is not None and (on is None or workers < 1):
        raise UnsupportedOption(f"--workers {workers} does not go; give 1 or more, and --on for where they are.")
    runs = plan_batch(list_file, options.request(list_file, output or Path()), output)
    with BatchDisplay([run.request.output.name for run in runs]) as progress:
        if on is None:
            outcomes = run_batch(runs, progress)
        else:
            from impasto.job.cluster import Cluster

            accelerated = any(find_model(run.request.model).needs for run in runs)
            # Ray tells on stdout when a worker dies.
            with redirect_stdout(sys.stderr), Cluster(on, workers, accelerated) as cluster:
                outcomes = run_batch(runs, progress, cluster.paint, at_once=cluster.size + 1)
    rows = [_row(outcome) for outcome in outcomes]
    failed = [row for row in rows if row["state"] == "failed"]
    if json:
        print_json({"runs": rows})
    else:
        for row in failed:
            print(f"{row['source']}: {row['reason']}")
        before = sum(row["state"] == "done before" for row in rows)
        told = f", {before} of them before" if before else ""
        print(f"{len(rows) - len(failed)} of {count_text(len(rows), 'run')} done{told}.")
    return SOME_FAILED if failed else 0


def _row(outcome: Outcome) -> dict[str, Any]:
    return {
        "source": outcome.source,
        "output": outcome.output,
        "state": outcome.state,
        "frames": outcome.frames,
        "seconds": outcome.seconds,
        "reason": reason_of(outcome.error, sys.argv[1:]) if outcome.error else "",
    }
