"""`impasto evaluate run` and `metrics`: measuring repainted videos, and what there is to measure by."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from impasto.cli.options import Switch
from impasto.cli.output import print_json, print_table, say
from impasto.errors import Interrupted, UnsupportedOption

if TYPE_CHECKING:
    from impasto.evaluation.running.comparison import Comparison
    from impasto.evaluation.running.results import Evaluation

FAILED, WEIGHTS_MISSING = 1, 3
"""Exit codes where a metric that was asked for by name has no figure."""


def run(
    *outputs: Path,
    source: Annotated[tuple[Path, ...], Parameter(negative=(), show_default=False)] = (),
    style: Annotated[tuple[Path, ...], Parameter(negative=(), show_default=False)] = (),
    prompt: str = "",
    first_frame: Path | None = None,
    list_file: Annotated[Path | None, Parameter(name="--list")] = None,
    metric: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = (),
    external: Path | None = None,
    every_frame: Annotated[bool, Switch] = False,
    resize: Annotated[bool, Switch] = False,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    overwrite: Annotated[bool, Switch] = False,
    json: Annotated[bool, Switch] = False,
) -> int:
    """Measure repainted videos against their sources and styles, and write a report.

    Writes evaluation.json and evaluation.html. What is not given is taken from the run record that `stylize` left
    beside an output. Exit code 1 where a metric that was asked for by name could not be measured, 3 where its weights
    are missing.

    Parameters
    ----------
    outputs
        Repainted videos, pictures or folders of frames.
    source
        What an output was made of; one for all, or repeat it in the order of the outputs.
    style
        A picture in whose style it was painted; repeat it for more.
    prompt
        The description that it was painted after.
    first_frame
        The painted first frame that it was to follow.
    list_file
        Instead of all these, a JSON list of comparisons (docs/json.md).
    metric
        A metric to measure; repeat it for more. By default all that fit what is given (`impasto evaluate metrics`).
    external
        JSON file with figures of other tools, to be shown beside ours.
    every_frame
        Look at every frame, not at about 8 a second.
    resize
        Scale a source of another size to the size of its output.
    output
        Folder for the report; by default OUT.evaluation beside the output.
    overwrite
        Replace a report that is there.
    json
        Print what is in evaluation.json.
    """
    from impasto.evaluation.report.writing import check_folder, write_evaluation
    from impasto.evaluation.running.choice import chosen
    from impasto.evaluation.running.clip import Clip
    from impasto.evaluation.running.comparison import read_list
    from impasto.evaluation.running.evaluate import evaluate
    from impasto.evaluation.running.external import read_external

    if list_file and (outputs or source or style or prompt or first_frame):
        raise UnsupportedOption("--list stands for outputs and all that belongs to them; give the one or the other.")
    comparisons = read_list(list_file) if list_file else _comparisons(outputs, source, style, prompt, first_frame)
    comparisons = [_completed(comparison) for comparison in comparisons]
    folder = output or _folder(comparisons)
    check_folder(folder, overwrite)
    metrics = chosen(metric, comparisons)
    figures = read_external(external, [each.output for each in comparisons]) if external else ()
    clips = [Clip(comparison, resize) for comparison in comparisons]

    latest = None
    try:
        for found in evaluate(clips, metrics, every_frame, figures, say):
            latest = found
    except KeyboardInterrupt as stop:
        if latest is not None:
            write_evaluation(latest, folder, sys.argv)
        raise Interrupted(f"Stopped; what was measured so far is in {str(folder)!r}.") from stop
    assert latest is not None
    told = write_evaluation(latest, folder, sys.argv)
    if json:
        print_json(told)
    else:
        _print_figures(latest)
        print(folder / "evaluation.html")
    return _exit_code(latest) if metric else 0


def metrics(*, json: Annotated[bool, Switch] = False) -> None:
    """List the metrics, what each needs, and whether its weights are there.

    Parameters
    ----------
    json
        Print a JSON list.
    """
    from impasto.evaluation.running.choice import metric_facts

    facts = metric_facts()
    if json:
        print_json(facts)
        return
    columns = ["metric", "name", "better", "needs", "weights"]
    rows = [[f.key, f.name, f.better, ", ".join(f.needs), "missing" if f.missing else "there"] for f in facts]
    print_table(columns, rows)


def _comparisons(
    outputs: tuple[Path, ...],
    sources: tuple[Path, ...],
    styles: tuple[Path, ...],
    prompt: str,
    first_frame: Path | None,
) -> "list[Comparison]":
    from impasto.evaluation.running.comparison import Comparison

    if not outputs:
        raise UnsupportedOption("Nothing to measure; give a repainted video, or a list of them with --list.")
    if len(sources) not in (0, 1, len(outputs)):
        raise UnsupportedOption(
            f"{len(outputs)} outputs and {len(sources)} sources; give one source for all, or one for each."
        )
    each = sources * len(outputs) if len(sources) == 1 else sources or (None,) * len(outputs)
    return [
        Comparison(output=output, source=source, styles=styles, prompt=prompt, first_frame=first_frame)
        for output, source in zip(outputs, each, strict=True)
    ]


def _completed(comparison: "Comparison") -> "Comparison":
    from impasto.evaluation.running.fromrecord import completed

    comparison, notes = completed(comparison)
    for note in notes:
        say(note)
    return comparison


def _folder(comparisons: "list[Comparison]") -> Path:
    if len(comparisons) > 1:
        raise UnsupportedOption(f"{len(comparisons)} outputs have no one place; give a folder for the report with -o.")
    return comparisons[0].output.with_suffix(".evaluation")


def _print_figures(evaluation: "Evaluation") -> None:
    rows = []
    for name, figures in evaluation.by_name():
        for key, figure in figures.items():
            value = f"{figure.measured.value:.4g}" if figure.measured else "not measured"
            baseline = figure.measured.source if figure.measured else None
            rows.append([name, key, value, f"{baseline.value:.4g}" if baseline else "", figure.reason])
    print_table(["clip", "metric", "value", "source", ""], rows)


def _exit_code(evaluation: "Evaluation") -> int:
    failures = evaluation.failures
    if any(figure.weights_missing for figure in failures):
        return WEIGHTS_MISSING
    return FAILED if failures else 0
