"""`impasto evaluate study`: people compare results, blind and in pairs."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from impasto.cli.options import Switch
from impasto.cli.output import print_json, print_table
from impasto.errors import UnsupportedOption


def make(
    *methods: str,
    output: Annotated[Path, Parameter(name=["--output", "-o"])],
    sources: Path | None = None,
    styles: Path | None = None,
    question: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = (),
    raters: int = 20,
    pairs_per_rater: int = 30,
    seed: int = 0,
) -> None:
    """Make a page for raters, and its key.

    OUTPUT is a folder to send or to put on a web server; OUTPUT-key.json beside it stays with you.

    Parameters
    ----------
    methods
        METHOD=FOLDER, two or more: a video or a picture for each case, of the same name in every folder.
    output
        The folder for the raters.
    sources
        Folder of the originals, shown above the pair.
    styles
        Folder of the style pictures, shown beside them.
    question
        What raters answer for each pair by A, B or equal; repeat it for more.
    raters
        Links to make; each has a list of pairs of its own.
    pairs_per_rater
        Length of a list; one in ten repeats an earlier pair, sides exchanged.
    seed
        The same seed gives the same lists.
    """
    from impasto.evaluation.study.key import key_path
    from impasto.evaluation.study.make import QUESTION, StudyConfig, make_study

    config = StudyConfig(
        methods=_parse_methods(methods),
        sources=sources,
        styles=styles,
        questions=question or (QUESTION,),
        raters=raters,
        pairs_per_rater=pairs_per_rater,
        seed=seed,
    )
    key = make_study(config, output, _tell)
    pairs = len(key.raters[0])
    print(f"{output}: {len(key.methods)} methods on {len(key.cases)} cases, {pairs} pairs for each rater.")
    print(f"Send the folder; rater 1 opens index.html?rater=1, and so on to rater {raters}.")
    print(f"{key_path(output)} says which method is which; keep it from the raters.")


def score(
    key: Path,
    /,
    *ratings: Path,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    json: Annotated[bool, Switch] = False,
) -> None:
    """Score what the raters sent back: Bradley-Terry with ties, intervals, agreement.

    Parameters
    ----------
    key
        The file that `make` wrote beside the folder.
    ratings
        The files that the raters saved.
    output
        Folder for scores.json, scores.md and the plot.
    json
        Print the scores as one JSON object.
    """
    from impasto.evaluation.study.key import read_key
    from impasto.evaluation.study.ratings import read_ratings
    from impasto.evaluation.study.report import HEADS, reliability, score_rows, write_report
    from impasto.evaluation.study.score import score_study

    held = read_key(key)
    scores = score_study(held, read_ratings(ratings, held))
    notes = write_report(scores, output) if output else []
    if json:
        print_json(scores)
        return
    print(f"{scores.raters} of {scores.invited} raters, {scores.answers} of their {scores.expected} answers.")
    for each in scores.questions:
        print(f"\n{each.question}")
        print_table(HEADS, score_rows(each))
        print(reliability(each))
    for note in notes:
        print(note)


def _parse_methods(texts: tuple[str, ...]) -> dict[str, Path]:
    methods: dict[str, Path] = {}
    for text in texts:
        name, equals, folder = text.partition("=")
        if not (name.strip() and equals and folder):
            raise UnsupportedOption(f"{text!r} is not METHOD=FOLDER; write for example ours=results/ours.")
        if name in methods:
            raise UnsupportedOption(f"Method {name!r} is given twice; give each one name and one folder.")
        methods[name] = Path(folder)
    return methods


def _tell(done: int, total: int) -> None:
    print(f"Preparing: {done}/{total} files", file=sys.stderr, flush=True)
