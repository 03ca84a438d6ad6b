"""Pictures with tags, studies without pictures, and raters whose taste is known."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, PngImagePlugin

from impasto.evaluation.study.design import Trial, balanced_design
from impasto.evaluation.study.key import StudyKey
from impasto.evaluation.study.ratings import Answer, Rating, Ratings


def make_picture(path: Path, seed: int, note: str = "") -> Path:
    """Noise, with a note in its tags."""
    tags = PngImagePlugin.PngInfo()
    tags.add_text("parameters", note)
    exif = Image.Exif()
    exif[0x010E] = note
    noise = np.random.default_rng(seed).integers(0, 255, (24, 32, 3), np.uint8)
    Image.fromarray(noise).save(path, **({"pnginfo": tags} if path.suffix == ".png" else {"exif": exif}))
    return path


def toy_key(
    methods: Sequence[str] = ("one", "two", "three"),
    cases: int = 5,
    raters: int = 20,
    pairs_per_rater: int = 30,
    questions: Sequence[str] = ("Which?",),
) -> StudyKey:
    return StudyKey(
        study="toy",
        methods=methods,
        cases=[f"case {number}" for number in range(cases)],
        questions=questions,
        raters=balanced_design(len(methods), cases, raters, pairs_per_rater, Random(0)),
    )


def hand_key(*raters: Sequence[Trial], methods: Sequence[str] = ("one", "two")) -> StudyKey:
    """A study of two cases with lists made by hand."""
    return StudyKey(study="toy", methods=methods, cases=["a", "b"], questions=["Which?"], raters=raters)


def rated(rater: int, *answers: Answer) -> Ratings:
    """The first answers of a rater, a second each."""
    ratings = [Rating(trial=n, question=0, answer=answer, seconds=1.0) for n, answer in enumerate(answers)]
    return Ratings(rater=rater, answers=ratings)


def simulated(key: StudyKey, strengths: Sequence[float], ties: float, seed: int) -> list[Ratings]:
    """Raters who answer as Davidson's model says: log strengths, and its parameter of ties."""
    rng = np.random.default_rng(seed)

    def answer(trial: Trial) -> Answer:
        left, right = np.exp(strengths[trial.left]), np.exp(strengths[trial.right])
        chances = np.array([left, right, ties * np.sqrt(left * right)])
        words: tuple[Answer, ...] = ("left", "right", "equal")
        return words[rng.choice(3, p=chances / chances.sum())]

    return [rated(number, *map(answer, trials)) for number, trials in enumerate(key.raters, 1)]
