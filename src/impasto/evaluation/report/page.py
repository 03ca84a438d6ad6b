"""An evaluation as one HTML page that needs nothing beside itself: no network, no scripts.

Whatever comes from outside, file names above all, is escaped by the template.
"""

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from impasto.evaluation.metrics.metric import Metric
from impasto.evaluation.report.contactsheet import contact_sheet
from impasto.evaluation.report.curves import Plot, plot
from impasto.evaluation.running.external import ExternalFigure
from impasto.evaluation.running.results import ClipResult, Evaluation, Figure, protocol_here
from impasto.job.wording import count_text


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a table of figures."""

    name: str
    key: str = ""
    """Of the metric's protocol; empty for a figure of another tool."""
    value: str = ""
    unit: str = ""
    better: str = ""
    source: str = ""
    further: str = ""
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Curve:
    title: str
    caption: str
    plot: Plot


def evaluation_page(evaluation: Evaluation, provenance: Mapping[str, Any]) -> str:
    """The whole page.

    Args:
        provenance: `command`, `date`, `machine` and `versions`, as in `evaluation.json`.
    """
    clips, known = evaluation.clips, {metric.key: metric for metric in evaluation.metrics}
    together = [_row(known[key], figure) for key, figure in evaluation.together.items()]
    if len(clips) > 1:
        together += [_external_row(figure) for figure in evaluation.external if not figure.clip]
    what = clips[0].clip.comparison.output.name if len(clips) == 1 else count_text(len(clips), "clip")
    return _template().render(
        title=f"Evaluation of {what}",
        complete=evaluation.complete,
        summary=_summary(evaluation),
        together=together,
        clips=[_clip(result, evaluation) for result in clips],
        protocols=[_protocol(metric, evaluation.every_frame) for metric in evaluation.metrics],
        command=shlex.join(provenance["command"]),
        date=provenance["date"],
        machine=", ".join(f"{key} {value}" for key, value in provenance["machine"].items()),
        versions=provenance["versions"],
    )


@cache
def _template() -> Template:
    loader = PackageLoader("impasto.evaluation.report", package_path="")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("page.html")


def _clip(result: ClipResult, evaluation: Evaluation) -> dict[str, Any]:
    clip, comparison = result.clip, result.clip.comparison
    facts = [
        f"{clip.width}x{clip.height} pixels",
        f"{count_text(clip.frames, 'frame')} in {clip.duration:.2f} s",
        f"single moments: one of {result.step} frames, {result.looks} in all",
    ]
    if comparison.source:
        facts.append(f"source {comparison.source}, {clip.aligned}")
    if comparison.prompt:
        facts.append(f"prompt “{comparison.prompt}”")
    external = [
        _external_row(figure)
        for figure in evaluation.external
        if figure.of(comparison.output) or (len(evaluation.clips) == 1 and not figure.clip)
    ]
    measured = [metric for metric in evaluation.metrics if metric.key in result.figures]
    return {
        "name": str(comparison.output),
        "facts": "; ".join(facts) + ".",
        "notes": clip.notes,
        "strips": contact_sheet(clip),
        "rows": [_row(metric, result.figures[metric.key]) for metric in measured] + external,
        "curves": [
            curve for metric in measured if (curve := _curve(metric, result.figures[metric.key], clip.duration))
        ],
    }


def _row(metric: Metric, figure: Figure) -> Row:
    measured = figure.measured
    if measured is None:
        return Row(key=metric.key, name=metric.protocol.name, reason=figure.reason)
    return Row(
        key=metric.key,
        name=metric.protocol.name,
        value=_number(measured.value),
        unit=metric.unit,
        better=metric.protocol.better,
        source=_number(measured.source.value) if measured.source else "",
        further=", ".join(f"{name.replace('_', ' ')} {_number(value)}" for name, value in measured.detail.items()),
    )


def _external_row(figure: ExternalFigure) -> Row:
    protocol = f"{figure.tool} {figure.version}; {figure.settings}"
    return Row(name=figure.metric, value=_number(figure.value), further=protocol)


def _curve(metric: Metric, figure: Figure, duration: float) -> Curve | None:
    measured = figure.measured
    if measured is None or not measured.curve:
        return None
    source = measured.source.curve if measured.source else ()
    drawn = plot(figure.times, measured.curve, source, duration)
    if drawn is None:
        return None
    better = "" if metric.protocol.better == "neither" else f"{metric.protocol.better} is better"
    parts = [metric.curve] if metric.curve else [metric.unit, better]
    parts.append("dashed: the source" if drawn.source_lines else "")
    if drawn.averaged > 1:
        parts.append(f"each point the mean of {drawn.averaged}")
    return Curve(title=metric.protocol.name, caption="; ".join(part for part in parts if part), plot=drawn)


def _summary(evaluation: Evaluation) -> list[dict[str, Any]]:
    known = {metric.key: metric for metric in evaluation.metrics}
    return [
        {
            "key": key,
            "name": known[key].protocol.name,
            "unit": known[key].unit,
            "better": known[key].protocol.better,
            "clips": each.clips,
            "source": "" if each.source is None else _number(each.source),
            **{name: _number(getattr(each, name)) for name in ("mean", "deviation", "least", "most")},
        }
        for key, each in evaluation.summary().items()
    ]


def _protocol(metric: Metric, every_frame: bool) -> dict[str, Any]:
    protocol = protocol_here(metric, every_frame)
    lines: Sequence[tuple[str, str]] = (
        ("definition", protocol.definition),
        ("better", protocol.better),
        ("looks with", protocol.extractor),
        ("resize", protocol.resize),
        ("frames", protocol.frames),
        ("beware", protocol.trap),
    )
    return {"key": metric.key, "name": protocol.name, "lines": lines}


def _number(value: Any) -> str:
    if isinstance(value, float):
        return "–" if math.isnan(value) else f"{value:.4g}".replace("inf", "∞")  # noqa: RUF001
    return str(value)
