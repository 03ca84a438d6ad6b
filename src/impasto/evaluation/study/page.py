"""The page that raters open: one file of HTML that carries style, program and all lists of pairs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from impasto.evaluation.study.design import Trial
from impasto.evaluation.study.key import StudyKey

_PARTS = Path(__file__).with_name("rater")


@dataclass(frozen=True, kw_only=True)
class CaseFiles:
    """What a rater may see of a case; names as seen from the page."""

    source: str | None
    style: str | None
    results: Sequence[str]
    """In the order of the methods."""


def study_page(key: StudyKey, cases: Sequence[CaseFiles]) -> str:
    """HTML; nothing in it tells a method but the two files of each pair."""

    def shown(trial: Trial) -> dict[str, str | None]:
        case = cases[trial.case]
        left, right = case.results[trial.left], case.results[trial.right]
        return {"source": case.source, "style": case.style, "left": left, "right": right}

    data = {
        "study": key.study,
        "questions": list(key.questions),
        "raters": [[shown(trial) for trial in trials] for trials in key.raters],
    }
    page, style, program = ((_PARTS / name).read_text("utf-8") for name in ("index.html", "page.css", "page.js"))
    # Within <script>, "</script>" in a question would end the data.
    embedded = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    for mark, text in (("/* style */", style), ("/* program */", program), ("/* study */", embedded)):
        page = page.replace(mark, text)
    return page
