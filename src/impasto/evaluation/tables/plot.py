"""The flicker table as a picture: how far from the style against how unsteady."""

from pathlib import Path

from impasto.evaluation.tables.flicker import Table
from impasto.video.files import writing, written_atomically

COLORS = {"optimisation": "#b5452c", "feed-forward": "#2f6d9e"}
MARKERS = {"optimisation": "o", "feed-forward": "s"}
GRAY = "#777777"


def draw_plot(table: Table, path: Path) -> None:
    """Write the rows on the first frames as numbered points; rows without both figures are left out.

    Raises:
        ImportError: matplotlib is not installed.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import LogLocator, NullLocator

    # Text stays text and ids do not change from run to run: an SVG is small then, and so are its diffs.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": table.name, "font.size": 8}):
        figure = Figure(figsize=(8, 4.5), layout="constrained")
        axes = figure.subplots()
        rows = [row for row in table.rows if row.span == table.protocol.short.name]
        for number, row in enumerate(rows):
            x, y = row.figures["gap"], row.figures["short"]
            if x is None or y is None:
                continue
            if row.family == "source":
                axes.axhline(y, color=GRAY, linestyle="--", label=row.title)
                continue
            color = COLORS[row.family]
            axes.plot(x, y, MARKERS[row.family], color=color, label=f"{number} {row.title}")
            axes.annotate(str(number), (x, y), xytext=(4, 3), textcoords="offset points", color=color)
        axes.set_yscale("log")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 1.5, 2, 3, 5, 7)))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter("{x:g}")
        axes.set_xlabel("style gap left (0 is the style)")
        axes.set_ylabel("E_warp short x1000 (lower is steadier)")
        axes.margins(0.08)
        axes.grid(alpha=0.3)
        if any(row.measured for row in rows):
            figure.legend(loc="outside right upper", frameon=False)
        with written_atomically(path) as partial, writing(path):
            figure.savefig(partial, metadata={"Date": None})
