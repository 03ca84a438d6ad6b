"""`impasto evaluate table dreamstyle-main`: the paper's comparison of the three tasks, at nano scale."""

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from impasto.errors import UnreadableInput
from impasto.evaluation.assets import clip_file
from impasto.evaluation.dreamstyle.mainpainting import paint_all
from impasto.evaluation.dreamstyle.mainprotocol import NAME, TASKS, MainProtocol, Task
from impasto.evaluation.machine import machine
from impasto.evaluation.papers.page import machine_line, results_section
from impasto.evaluation.papers.table import ResultsTable, results_table
from impasto.stylizers.dreamstyle.nano import STEPS


@dataclass(frozen=True, kw_only=True)
class MainTable:
    name: str
    command: str
    date: str
    machine: dict[str, Any]
    protocol: MainProtocol
    tables: dict[Task, ResultsTable]
    failures: dict[str, str]
    """Why a method of ours did not paint, by its name."""


def main_table(
    protocol: MainProtocol, results: Path | None, command: Sequence[str], say: Callable[[str], None]
) -> Iterator[MainTable]:
    """The table after each method of each task; what was painted is not painted again.

    Args:
        results: TASK/METHOD/comparisons.json of others; None: none.
        command: as typed.

    Raises:
        ModelError: files of the data folder are missing.
        InputError: something in the results cannot be read.
    """
    for clip, _ in protocol.clips:
        clip_file(clip)
    outside = {task: results / task for task in TASKS if results and (results / task).is_dir()}
    if results and not outside:
        raise UnreadableInput(f"{str(results)!r} has no folder {' or '.join(TASKS)}; put results of others in those.")
    about, failures = machine(), dict[str, str]()
    painted = paint_all(protocol, failures, say)
    tables: dict[Task, ResultsTable] = {}
    for task, paper in TASKS.items():
        places = [painted / task, *([outside[task]] if task in outside else [])]
        for tables[task] in results_table(paper, places, None, command, say):
            yield MainTable(
                name=NAME,
                command=shlex.join(command),
                date=datetime.now(UTC).date().isoformat(),
                machine=about,
                protocol=protocol,
                tables=dict(tables),
                failures=failures,
            )


def main_page(table: MainTable) -> str:
    """The whole page, a part for each task."""
    lines = [
        "# DreamStyle beside others, at nano scale",
        "",
        f"Made by `{table.command}` on {table.date}; nothing here is written by hand.",
        "",
    ]
    if table.failures:
        lines += [*(f"* `{name}` did not paint: {reason}" for name, reason in table.failures.items()), ""]
    for each in table.tables.values():
        lines += [f"## {each.title}", "", *results_section(each, "###"), ""]
    sentences = [f"* {sentence}" for sentence in _protocol_sentences(table.protocol)]
    return "\n".join([*lines, "## What was painted", "", *sentences, *machine_line(table.machine), ""])


def _protocol_sentences(protocol: MainProtocol) -> list[str]:
    clips = ", ".join(f"{clip} (“{caption}”)" for clip, caption in protocol.clips)
    styles = ", ".join(f"{style} (“{words}”)" for style, words in protocol.styles)
    return [
        f"Clips: {clips} of `eval/videos`, the first {protocol.frames} frames, {protocol.width} pixels wide. "
        f"Styles: {styles} of `eval/styles`. No training saw them.",
        f"Preset {protocol.preset}, for `dreamstyle-nano` {STEPS[protocol.preset]} steps. Diffusion models are told "
        "what a clip shows; `swift` and `gatys` are told nothing but the style.",
        f"First frames are painted by `{protocol.painter}`, preset draft. `source` is the clip itself, `transport` the "
        "clip in the colours of the picture, or of the first frame, by one map for the whole clip.",
        "By text the prompt is the caption and the words of the style; the words of the style alone are measured.",
        "Where a table has rows with other names, they are results of others, as they were given.",
    ]
