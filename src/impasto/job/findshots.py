"""Finding the shots of a video for a list that people edit."""

import json
from pathlib import Path
from typing import Any

from impasto.errors import OutputProblem
from impasto.job.events import FindingShots, Listener, ignore
from impasto.job.plain import plain
from impasto.video.files import writing, written_atomically
from impasto.video.shots import find_shots
from impasto.video.source import open_source


def list_shots(
    source: Path, output: Path | None = None, overwrite: bool = False, on_event: Listener = ignore
) -> dict[str, Any]:
    """Find the shots of a video and return their list as plain data, nothing said of a look; also written where asked.

    Raises `UnreadableInput`, and `OutputProblem` where the list would replace a file.
    """
    opened = open_source(source)
    if output is not None and output.exists() and not overwrite:
        raise OutputProblem(f"The output {str(output)!r} exists; add --overwrite to replace it.")
    if output is not None and output.exists() and (output.is_dir() or output.samefile(source)):
        raise OutputProblem(f"The output {str(output)!r} is no shot list; choose another name.")
    promised = max(1, opened.info.frames)
    shots = find_shots(opened, lambda frames, _: on_event(FindingShots(min(1.0, frames / promised))))
    listed = {
        "source": str(source),
        "frames": shots[-1].stop,
        "fps": float(opened.info.fps),
        "shots": [{**plain(shot), "style": None, "prompt": None} for shot in shots],
    }
    if output is not None:
        _write(listed, output)
    return listed


def _write(listed: dict[str, Any], path: Path) -> None:
    head = json.dumps({key: value for key, value in listed.items() if key != "shots"}, indent=2, ensure_ascii=False)
    rows = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in listed["shots"])
    with written_atomically(path) as partial, writing(path):
        # A line for each shot, for the one who edits it.
        partial.write_text(f'{head[:-2]},\n  "shots": [\n{rows}\n  ]\n}}\n', encoding="utf-8")
