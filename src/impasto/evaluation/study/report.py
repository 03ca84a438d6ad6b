"""Scores as files: `scores.json`, `scores.md`, and `scores.svg` where matplotlib is installed."""

from pathlib import Path

from impasto.evaluation.study.plot import draw_plot
from impasto.evaluation.study.score import QuestionScore, StudyScore
from impasto.evaluation.textfiles import NOT_MEASURED, markdown_table, write_json, write_text
from impasto.video.files import writing


def write_report(score: StudyScore, folder: Path) -> list[str]:
    """Write the files into `folder`; gives sentences on what could not be made.

    Raises `OutputProblem`, `ResourceError`.
    """
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    notes = []
    try:
        draw_plot(score, folder / "scores.svg")
    except ImportError:
        notes.append("No plot, because matplotlib is not installed: pip install '.[plots]' in Impasto's folder.")
    write_json(folder / "scores.json", score)
    write_text(folder / "scores.md", score_page(score, plotted=not notes))
    return notes


def score_page(score: StudyScore, plotted: bool = False) -> str:
    """The scores as a page of Markdown."""
    lines = [
        f"# Study {score.study}",
        "",
        f"{score.raters} of {score.invited} raters, {score.answers} of their {score.expected} answers, "
        f"{score.median_seconds:.1f} seconds for one (median).",
        "",
        *(["![Scores](scores.svg)", ""] if plotted else []),
    ]
    for question in score.questions:
        against = ["win rate against", *(m.method for m in question.methods)]
        lines += [f"## {question.question}", "", *markdown_table(HEADS, score_rows(question)), ""]
        lines += [*markdown_table(against, win_rate_rows(question)), ""]
        lines += [reliability(question), ""]
    return "\n".join([*lines, "## Protocol", "", *(f"* {sentence}" for sentence in score.protocol), ""])


HEADS = ("method", "score", "95 % interval", "wins", "equal", "losses")


def score_rows(question: QuestionScore) -> list[list[str]]:
    """Cells under `HEADS`, a row for each method."""
    return [
        [
            each.method,
            f"{each.score:+.2f}",
            NOT_MEASURED if each.low is None else f"{each.low:+.2f} to {each.high:+.2f}",
            *map(str, (each.wins, each.ties, each.losses)),
        ]
        for each in question.methods
    ]


def win_rate_rows(question: QuestionScore) -> list[list[str]]:
    """A row for each method: its name, then its win rate against each."""
    return [
        [each.method, *("-" if rate is None else f"{rate:.0%}" for rate in rates)]
        for each, rates in zip(question.methods, question.win_rates, strict=True)
    ]


def reliability(question: QuestionScore) -> str:
    """A sentence on how far the raters agree."""
    alpha = NOT_MEASURED if question.agreement is None else f"{question.agreement:.2f}"
    same = NOT_MEASURED if question.self_consistency is None else f"{question.self_consistency:.0%}"
    return f"Agreement (alpha) {alpha}; self-consistency {same} of {question.repeated} repeated pairs."
