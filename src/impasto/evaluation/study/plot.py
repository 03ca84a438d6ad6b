"""Scores as a picture: a point and its interval for each method, a panel for each question."""

from pathlib import Path

from impasto.evaluation.study.score import StudyScore
from impasto.video.files import writing, written_atomically

COLOR = "#2f6d9e"


def draw_plot(score: StudyScore, path: Path) -> None:
    """Write the scores as SVG or PNG, by the ending of `path`.

    Raises:
        ImportError: matplotlib is not installed.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    # Text stays text and ids do not change from run to run.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": score.study, "font.size": 8}):
        methods = max(len(question.methods) for question in score.questions)
        figure = Figure(figsize=(6, len(score.questions) * (0.7 + 0.3 * methods)), layout="constrained")
        panels = figure.subplots(len(score.questions), squeeze=False)[:, 0]
        for axes, question in zip(panels, score.questions, strict=True):
            rows = range(len(question.methods))
            for row, each in zip(rows, question.methods, strict=True):
                axes.plot(each.score, row, "o", color=COLOR)
                if each.low is not None:
                    axes.plot([each.low, each.high], [row, row], color=COLOR)
            axes.set_yticks(rows, [each.method for each in question.methods], parse_math=False)
            axes.invert_yaxis()
            axes.axvline(0, color="#777777", linewidth=0.8)
            axes.set_title(question.question, loc="left", parse_math=False)
            axes.margins(y=0.15)
            axes.grid(alpha=0.3, axis="x")
        panels[-1].set_xlabel("score (log strength; higher is preferred)")
        with written_atomically(path) as partial, writing(path):
            figure.savefig(partial, metadata={"Date": None})
