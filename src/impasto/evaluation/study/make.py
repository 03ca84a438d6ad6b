"""A study as a folder that can be sent to raters, and its key."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from impasto.errors import OutputProblem, UnsupportedOption
from impasto.evaluation.study.cases import Case, find_cases
from impasto.evaluation.study.design import balanced_design
from impasto.evaluation.study.key import StudyKey, key_path, write_key
from impasto.evaluation.study.media import MEDIA, Publisher
from impasto.evaluation.study.page import CaseFiles, study_page
from impasto.job.hashing import sha256_of
from impasto.video.files import writing, written_atomically

QUESTION = "Which do you prefer?"


@dataclass(frozen=True, kw_only=True)
class StudyConfig:
    methods: Mapping[str, Path]
    """Folder of results by method; files of one stem belong to one case."""
    sources: Path | None = None
    styles: Path | None = None
    questions: tuple[str, ...] = (QUESTION,)
    """Asked one after the other for each pair."""
    raters: int = 20
    pairs_per_rater: int = 30
    seed: int = 0


def make_study(config: StudyConfig, folder: Path, on_file: Callable[[int, int], None]) -> StudyKey:
    """Write the raters' `folder` and its key beside it (see `key_path`), both or none.

    `on_file` hears how many files are written, and of how many.
    Raises `InputError`, `ResourceError`.
    """
    folder = folder.resolve()
    _check(config, folder)
    cases = find_cases(config.methods, config.sources, config.styles)
    design = balanced_design(
        len(config.methods), len(cases), config.raters, config.pairs_per_rater, Random(config.seed)
    )
    key = StudyKey(
        study=_identity(config, cases),
        methods=list(config.methods),
        cases=[case.name for case in cases],
        questions=list(config.questions),
        raters=design,
    )
    with written_atomically(key_path(folder)) as partial_key, written_atomically(folder) as partial:
        with writing(folder):
            partial.mkdir()
            (partial / MEDIA).mkdir()
        total = sum(path is not None for case in cases for path in case.paths)
        publish = Publisher(partial / MEDIA, lambda done: on_file(done, total))
        files = [
            CaseFiles(
                source=case.source and publish(case.source, reference=True),
                style=case.style and publish(case.style, reference=True),
                results=[publish(path) for path in case.results.values()],
            )
            for case in cases
        ]
        with writing(folder):
            (partial / "index.html").write_text(study_page(key, files), encoding="utf-8")
        write_key(key, partial_key)
    return key


def _check(config: StudyConfig, folder: Path) -> None:
    for name, value in (("raters", config.raters), ("pairs per rater", config.pairs_per_rater)):
        if value < 1:
            raise UnsupportedOption(f"{value} {name} make no study; give 1 or more.")
    if not all(question.strip() for question in config.questions):
        raise UnsupportedOption("A question is empty; write what the rater is to answer by left, right or equal.")
    for path in (folder, key_path(folder)):
        if path.exists() and not (path.is_dir() and not any(path.iterdir())):
            raise OutputProblem(f"{str(path)!r} exists, and its links may be in use; give another output.")


def _identity(config: StudyConfig, cases: list[Case]) -> str:
    """Differs where anything that a rater is shown or asked does."""
    shown = [[case.name, *(path and sha256_of(path) for path in case.paths)] for case in cases]
    told = [list(config.methods), config.questions, config.raters, config.pairs_per_rater, config.seed, shown]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:12]
