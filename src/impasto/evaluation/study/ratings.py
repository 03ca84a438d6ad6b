"""What comes back from the raters, checked against the key."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from impasto.errors import InputError, UnreadableInput
from impasto.evaluation.study.key import StudyKey

FORMAT = "study-ratings 1"
Answer = Literal["left", "right", "equal"]
_WRONG = (LookupError, TypeError, ValueError)


@dataclass(frozen=True, kw_only=True)
class Rating:
    trial: int
    """Place in the list of the rater."""
    question: int
    answer: Answer
    seconds: float
    """From the moment the pictures were there."""


@dataclass(frozen=True, kw_only=True)
class Ratings:
    """All that one rater answered; a part of the list where the rater stopped early."""

    rater: int
    """From 1 on."""
    answers: Sequence[Rating]


def read_ratings(paths: Sequence[Path], key: StudyKey) -> list[Ratings]:
    """Read the files that the page saved, in the order of the raters.

    Raises:
        UnreadableInput: a file is missing or broken, or holds something else.
        InputError: none is given, one is of another study, a rater comes twice, or an answer has no question.
    """
    if not paths:
        raise InputError("No file of ratings is given; give those that the raters sent back.")
    found: dict[int, tuple[Path, Ratings]] = {}
    for path in paths:
        ratings = _checked(_read(path), path, key)
        if ratings.rater in found:
            raise InputError(
                f"{str(found[ratings.rater][0])!r} and {str(path)!r} are both of rater {ratings.rater}; give one."
            )
        found[ratings.rater] = path, ratings
    return [found[rater][1] for rater in sorted(found)]


def _read(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableInput(f"The ratings {str(path)!r} cannot be read; check the path.") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(f"{str(path)!r} is broken JSON; ask the rater to save and send it again.") from error
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise UnreadableInput(f"{str(path)!r} holds no ratings; give the files that the raters saved from the page.")
    return held


def _checked(held: dict[str, Any], path: Path, key: StudyKey) -> Ratings:
    if held.get("study") != key.study:
        raise InputError(
            f"{str(path)!r} is of study {held.get('study')!r}, the key of {key.study!r}; give what belongs together."
        )
    try:
        rater = 1 + _number(held["rater"] - 1, len(key.raters))
    except _WRONG as error:
        raise InputError(
            f"{str(path)!r} is of rater {held.get('rater')!r}, but the study has raters 1 to {len(key.raters)}."
        ) from error
    answers: dict[tuple[int, int], Rating] = {}
    for each in held["ratings"] if isinstance(held.get("ratings"), list) else [None]:
        try:
            rating = _rating(each, len(key.raters[rater - 1]), len(key.questions))
        except _WRONG as error:
            raise InputError(
                f"{str(path)!r} holds {each!r:.100}, which answers no question of rater {rater}; "
                "ask for the file as the page saved it."
            ) from error
        if (rating.trial, rating.question) in answers:
            raise InputError(
                f"{str(path)!r} answers question {rating.question} of pair {rating.trial} twice; "
                "ask for the file as the page saved it."
            )
        answers[rating.trial, rating.question] = rating
    return Ratings(rater=rater, answers=list(answers.values()))


def _rating(held: Any, trials: int, questions: int) -> Rating:
    """Raises one of `_WRONG` where there is no such question or no such answer."""
    seconds = float(held["seconds"])
    if held["answer"] not in get_args(Answer) or not 0 <= seconds < math.inf:
        raise ValueError(held)
    return Rating(
        trial=_number(held["trial"], trials),
        question=_number(held["question"], questions),
        answer=held["answer"],
        seconds=seconds,
    )


def _number(value: Any, count: int) -> int:
    if type(value) is not int or not 0 <= value < count:
        raise ValueError(value)
    return value
