"""What came of it, in numbers and in pictures: `report.json`, `report.md`, contact sheets."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from impasto.curation.config import CurationConfig
from impasto.curation.filters import FILTERS
from impasto.curation.item import Record
from impasto.curation.scores import mismatched
from impasto.curation.sheet import write_sheet
from impasto.evaluation.textfiles import markdown_table, write_json, write_text

ACCEPTED = 0.05
"""Share of mismatched clips and style pictures that the limit of csd is to let pass."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    name: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Report:
    planned: int
    """Pairs."""
    kept: int
    dropped: int
    waiting: int
    """For a person."""
    failed: tuple[Failure, ...]
    """Pairs, and videos of which none could be planned."""
    dropped_by: dict[str, int]
    """Pairs that each filter refuses; several may refuse one."""
    routes: dict[str, dict[str, int]]
    """States by route."""
    licences: dict[str, int]
    """Kept pairs by the licences of clip and style."""
    speechless: int
    """Kept pairs without words for their style."""
    false_accepts: float | None
    """Share of clips and style pictures of different pairs and styles that the limit of csd would let pass."""
    csd_limit: float | None
    """That would let `ACCEPTED` of them pass, as nearly as so many can."""
    seconds_each: float | None
    """Of one worker for a pair, mean over those that were made or dropped."""
    cpu_seconds_each: float | None
    """Of processors for the same, whatever else the machine had to do."""
    minutes: float
    """That this run took."""
    made_now: int
    """Pairs tried in this run."""


def report_of(
    records: Sequence[Record], unread: Sequence[Failure], planned: int, config: CurationConfig, minutes: float, now: int
) -> Report:
    """What decided records say."""
    by_state = {
        state: [each for each in records if each["state"] == state]
        for state in ("kept", "dropped", "waiting", "failed")
    }
    measured = [each for each in records if "style_vector" in each]
    ours, theirs, styles = ([each[name] for each in measured] for name in ("style_vector", "pictures_vector", "style"))
    wrong = mismatched(ours, theirs, styles) if measured else np.zeros(0)
    limited = "csd" in config.limits and wrong.size
    spent = [each for each in records if each["state"] != "failed"]
    return Report(
        planned=planned,
        kept=len(by_state["kept"]),
        dropped=len(by_state["dropped"]),
        waiting=len(by_state["waiting"]),
        failed=(*unread, *(Failure(name=each["key"], reason=each["reason"]) for each in by_state["failed"])),
        dropped_by=dict(Counter(key for each in by_state["dropped"] for key in each["dropped_by"])),
        routes={
            route: dict(Counter(each["state"] for each in records if each["route"] == route))
            for route in sorted({each["route"] for each in records})
        },
        licences=dict(Counter(f"clip {each['licence']}; style {each['style_licence']}" for each in by_state["kept"])),
        speechless=sum(not each["caption_styled"] for each in by_state["kept"]),
        false_accepts=float((wrong >= config.limits["csd"]).mean()) if limited else None,
        csd_limit=float(np.sort(wrong)[-max(1, round(ACCEPTED * wrong.size))]) if wrong.size else None,
        seconds_each=fmean(each["seconds"] for each in spent) if spent else None,
        cpu_seconds_each=fmean(each["cpu_seconds"] for each in spent) if spent else None,
        minutes=minutes,
        made_now=now,
    )


def write_report(folder: Path, items: Path, report: Report, records: Sequence[Record], config: CurationConfig) -> None:
    """Write all files of the report; raises `OutputProblem`, `ResourceError`, and `UnreadableInput` for a sample."""
    write_json(folder / "report.json", report)
    write_text(folder / "report.md", _page(report, records, config))
    made = [record for record in records if "style_vector" in record]
    write_sheet(folder / "kept.jpg", items, [each for each in made if each["state"] in ("kept", "waiting")])
    write_sheet(folder / "dropped.jpg", items, [each for each in made if each["state"] == "dropped"])


def _page(report: Report, records: Sequence[Record], config: CurationConfig) -> str:
    lines = [
        "# Pairs",
        "",
        f"{report.planned} planned: {report.kept} kept, {report.dropped} dropped, {report.waiting} wait for review, "
        f"{len(report.failed)} failed.",
        "",
        *_filters(report, records, config),
        "",
        *_routes(report),
    ]
    if report.false_accepts is not None:
        lines += [
            "",
            f"csd >= {config.limits['csd']:g} lets {report.false_accepts:.1%} of the clips pass beside the style "
            f"pictures of another pair in another style; {report.csd_limit:.3f} would let {ACCEPTED:.0%}.",
        ]
    if report.seconds_each is not None:
        cost = f"{report.seconds_each:.1f} s of one worker for a pair, {report.cpu_seconds_each:.1f} s of processors"
        lines += ["", f"{cost}; this run tried {report.made_now} in {report.minutes:.1f} minutes."]
    if report.speechless:
        lines += ["", f"{report.speechless} kept pairs have no words for their style: no task by text can use them."]
    lines += [
        "",
        *markdown_table(["licences of kept pairs", "pairs"], [[k, str(n)] for k, n in report.licences.items()]),
    ]
    if report.failed:
        lines += ["", *markdown_table(["failed", "reason"], [[each.name, each.reason] for each in report.failed])]
    return "\n".join([*lines, ""])


def _filters(report: Report, records: Sequence[Record], config: CurationConfig) -> list[str]:
    rows: list[list[str]] = []
    for each in FILTERS:
        scores = sorted(record["scores"][each.key] for record in records if each.key in record["scores"])
        if scores:
            limit = f"{each.drops} {config.limits[each.key]:g}" if each.key in config.limits else "none"
            middle = (
                f"{scores[len(scores) // 20]:.3g}, {scores[len(scores) // 2]:.3g}, {scores[-1 - len(scores) // 20]:.3g}"
            )
            rows.append([each.key, each.words, limit, middle, str(report.dropped_by.get(each.key, 0))])
    if "review" in report.dropped_by:
        rows.append(["review", "a person", "", "", str(report.dropped_by["review"])])
    return markdown_table(["filter", "what", "drops", "5 %, median, 95 %", "dropped"], rows)


def _routes(report: Report) -> list[str]:
    states: tuple[Any, ...] = ("kept", "dropped", "waiting", "failed")
    rows = [[route, *(str(counts.get(state, 0)) for state in states)] for route, counts in report.routes.items()]
    return markdown_table(["route", *states], rows)
