"""The drift over chained windows as a page and a plot; nothing of it is made by hand."""

from pathlib import Path

from impasto.evaluation.dreamstyle.long import NAME, OVERLAPS, LongTable
from impasto.evaluation.textfiles import markdown_table, write_json, write_text
from impasto.stylizers.dreamstyle.nano import STEPS
from impasto.video.files import writing, written_atomically

COLORS = ("#b5452c", "#d99a86", "#2f6d9e", "#8db4d2")
GRAY = "#777777"


def write_long(table: LongTable, folder: Path) -> None:
    """Write figures, page and plot; raises `ImportError` where matplotlib is not installed."""
    write_json(folder / f"{NAME}.json", table)
    write_text(folder / f"{NAME}.md", long_page(table))
    draw_plot(table, folder / f"{NAME}.svg")


def long_page(table: LongTable) -> str:
    """The whole page."""
    protocol, (first, *_) = table.protocol, table.rows
    plain = first.painted.slope
    overlaps = " and ".join(f"{count} ({way})" for way, count in OVERLAPS.items())
    figures = markdown_table(
        ["", "drift, deltaE a window", "of plain chaining", "last window, deltaE", "drift of the source"],
        [
            [
                row.title,
                f"{row.painted.slope:.3f}",
                f"{row.painted.slope / plain:.2f}" if plain else "-",
                f"{row.painted.delta_e[-1]:.2f}",
                f"{row.source.slope:.3f}",
            ]
            for row in table.rows
        ],
    )
    return "\n".join(
        [
            "# DreamStyle over chained windows, at nano scale",
            "",
            f"Made by `{table.command}` on {table.date}; nothing here is written by hand.",
            "",
            *figures,
            "",
            f"![deltaE by window]({NAME}.svg)",
            "",
            "## Protocol",
            "",
            "* CIEDE2000 between the mean colour of what a window painted anew and that of the first window; drift is "
            "the slope of the least-squares line.",
            f"* {protocol.windows} windows of {protocol.length} frames of `{protocol.clip}`, {protocol.width} pixels "
            f"wide, in the style of `{protocol.style}`; prompt “{protocol.caption}”; {STEPS[protocol.preset]} steps; "
            f"seed {protocol.seed}. A window goes on from {overlaps} frames.",
            f"* Machine: {', '.join(f'{key} {value}' for key, value in table.machine.items())}.",
            "",
        ]
    )


def draw_plot(table: LongTable, path: Path) -> None:
    """Write deltaE by window as SVG.

    Raises:
        ImportError: matplotlib is not installed.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    # Text stays text and ids do not change from run to run.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": table.name, "font.size": 8}):
        figure = Figure(figsize=(7, 3.5), layout="constrained")
        axes = figure.subplots()
        for row, color in zip(table.rows, COLORS, strict=False):
            numbers = range(1, len(row.painted.delta_e) + 1)
            axes.plot(numbers, row.painted.delta_e, "o-", color=color, label=f"{row.name}: {row.title}")
            axes.plot(numbers, row.source.delta_e, ":", color=GRAY)
        axes.set_xlabel("window")
        axes.set_ylabel("deltaE from the first window")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False, title="dotted: the source")
        with written_atomically(path) as partial, writing(path):
            figure.savefig(partial, metadata={"Date": None})
