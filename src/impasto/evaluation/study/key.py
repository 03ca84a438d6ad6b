"""The key of a study: what was behind each pair that a rater saw."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from impasto.errors import UnreadableInput
from impasto.evaluation.study.design import Trial
from impasto.video.files import writing

FORMAT = "study-key 1"


@dataclass(frozen=True, kw_only=True)
class StudyKey:
    study: str
    """Name of this study alone; every file of ratings carries it."""
    methods: Sequence[str]
    cases: Sequence[str]
    questions: Sequence[str]
    raters: Sequence[Sequence[Trial]]
    """The list of each rater; rater 1 is the first."""


def key_path(folder: Path) -> Path:
    """Where the key of a study in `folder` lies: beside it, for raters must not see it."""
    return folder.parent / f"{folder.name}-key.json"


def write_key(key: StudyKey, path: Path) -> None:
    """Write the key as JSON, methods and cases by name."""
    raters = [
        [
            {
                "case": key.cases[trial.case],
                "left": key.methods[trial.left],
                "right": key.methods[trial.right],
                "repeats": trial.repeats,
            }
            for trial in trials
        ]
        for trials in key.raters
    ]
    with writing(path):
        text = json.dumps({"format": FORMAT, **asdict(key), "raters": raters}, indent=1, ensure_ascii=False)
        path.write_text(text + "\n", encoding="utf-8")


def read_key(path: Path) -> StudyKey:
    """Read what `write_key` wrote; raises `UnreadableInput`."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if held["format"] != FORMAT:
            raise ValueError(held["format"])
        methods, cases = _texts(held["methods"]), _texts(held["cases"])
        return StudyKey(
            study=str(held["study"]),
            methods=methods,
            cases=cases,
            questions=_texts(held["questions"]),
            raters=[
                [
                    Trial(
                        case=cases.index(trial["case"]),
                        left=methods.index(trial["left"]),
                        right=methods.index(trial["right"]),
                        repeats=None if trial["repeats"] is None else range(number)[trial["repeats"]],
                    )
                    for number, trial in enumerate(trials)
                ]
                for trials in held["raters"]
            ],
        )
    except OSError as error:
        raise UnreadableInput(f"The key {str(path)!r} cannot be read; check the path.") from error
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise UnreadableInput(
            f"{str(path)!r} is not the key of a study; give the file that `impasto evaluate study make` wrote beside "
            "the folder."
        ) from error


def _texts(values: list[str]) -> list[str]:
    return [str(value) for value in values]
