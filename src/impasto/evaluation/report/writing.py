"""The files of an evaluation: `evaluation.json` and `evaluation.html`."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from impasto.errors import OutputProblem
from impasto.evaluation.machine import machine
from impasto.evaluation.report.page import evaluation_page
from impasto.evaluation.running.results import Evaluation, as_json
from impasto.evaluation.textfiles import write_json, write_text
from impasto.job.versions import package_versions

FILES = ("evaluation.json", "evaluation.html")


def check_folder(folder: Path, overwrite: bool) -> None:
    """Raise `OutputProblem` where the files could not be put into a folder, which need not exist yet."""
    if folder.exists() and not folder.is_dir():
        raise OutputProblem(f"{str(folder)!r} is a file; give the name of a folder.")
    if not folder.absolute().parent.is_dir():
        raise OutputProblem(f"The folder of {str(folder)!r} does not exist; make it first or choose another.")
    there = [name for name in FILES if (folder / name).exists()]
    if there and not overwrite:
        raise OutputProblem(f"{str(folder / there[0])!r} exists; add --overwrite to replace it.")


def write_evaluation(evaluation: Evaluation, folder: Path, command: Sequence[str]) -> dict[str, Any]:
    """Write both files, each whole or not at all, and give what the JSON holds.

    Args:
        command: the command line as typed.

    Raises:
        OutputProblem: the folder cannot be written.
        ResourceError: the disk is full.
    """
    provenance = {
        "command": list(command),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "versions": package_versions(),
    }
    told = {**provenance, **as_json(evaluation)}
    write_json(folder / FILES[0], told)
    write_text(folder / FILES[1], evaluation_page(evaluation, provenance))
    return told
