"""An ablation as a page of Markdown; nothing of it is made by hand."""

from collections.abc import Sequence
from pathlib import Path

from impasto.evaluation.ablation.columns import PUBLISHED
from impasto.evaluation.ablation.protocol import QUICK, AblationProtocol
from impasto.evaluation.ablation.results import AblationTable, RowResult
from impasto.evaluation.ablation.rows import ROWS
from impasto.evaluation.papers.page import published_section
from impasto.evaluation.tables.columns import Column
from impasto.evaluation.tables.findings import CONFIDENCE
from impasto.evaluation.tables.outputs import write_pages
from impasto.evaluation.tables.pages import claims_table
from impasto.evaluation.textfiles import NOT_MEASURED, markdown_table
from impasto.stylizers.stylemaster.stylizer import STEPS

PAPER = "the paper"
TITLES: dict[str, str] = {
    "stylemaster-ablation": "StyleMaster's parts, at nano scale",
    "motion-alpha": "StyleMaster's motion adapter, at nano scale",
}


def write_ablation(table: AblationTable, folder: Path) -> None:
    """Write figures, page and claims; raises as `write_pages` does."""
    claims = None if table.protocol == QUICK else claims_table(table.claims, PAPER)
    write_pages(folder, table.name, table, ablation_page(table), claims)


def ablation_page(table: AblationTable) -> str:
    """The whole page: figures, claims, published figures, protocol."""
    sentences = protocol_sentences(table.protocol)
    return page_of(
        TITLES[table.name], table, _sections(table), published_section(table.published, PUBLISHED), sentences
    )


def page_of(
    title: str,
    table: AblationTable,
    sections: Sequence[str],
    published: Sequence[str],
    protocol: Sequence[str],
) -> str:
    """The page of an ablation.

    Args:
        sections: lines of the figures.
        published: lines of what the paper prints.
        protocol: sentences.
    """
    return "\n".join(
        [
            f"# {title}",
            "",
            f"Made by `{table.command}` on {table.date}; nothing here is written by hand.",
            "",
            "Means over seeds ± standard deviations. The base and all that measures are tiny, so that only differences "
            "between rows mean anything, and these only where seeds agree.",
            "",
            *sections,
            *_failures(table.failures),
            "## What the paper claims",
            "",
            *claims_table(table.claims, PAPER),
            "",
            f"A difference counts where the seeds show it at {CONFIDENCE:.0%} confidence (paired t); *not measurable "
            "here* is what is smaller, what a metric shows that fails where the answer is known (the sanity table), or "
            "what nothing here can tell.",
            "",
            *published,
            "## Columns",
            "",
            *(f"* **{column.title}** ({column.better} is better): {column.meaning}." for column in table.columns),
            "",
            "## Protocol",
            "",
            *(f"* {sentence}" for sentence in protocol),
            f"* Machine: {', '.join(f'{key} {value}' for key, value in table.machine.items())}.",
            "",
        ]
    )


def _sections(table: AblationTable) -> list[str]:
    repainting = {row.name for row in ROWS[table.name] if row.control}
    made = [row for row in table.rows if row.name not in repainting]
    repainted = [row for row in table.rows if row.name in repainting]
    return [
        *section("Clips made from text", made, [c for c in table.columns if c.key not in ("structure", "lightness")]),
        *section("Clips repainted", repainted, [c for c in table.columns if c.key not in ("spread", "retrieval")]),
    ]


def section(title: str, rows: Sequence[RowResult], columns: Sequence[Column]) -> list[str]:
    """A table of rows under a heading; nothing where there are none."""
    if not rows:
        return []
    return [
        f"## {title}",
        "",
        *markdown_table(
            ["", "row", "seeds", *(column.title for column in columns)],
            [
                [row.title, f"`{row.name}`", str(len(row.seeds)), *(_text(row, column) for column in columns)]
                for row in rows
            ],
        ),
        "",
    ]


def _text(row: RowResult, column: Column) -> str:
    value, spread = row.figures[column.key], row.spreads[column.key]
    if value is None:
        return "-" if row.seeds else NOT_MEASURED
    return f"{value:.{column.digits}f}" + ("" if spread is None else f" ± {spread:.{column.digits}f}")


def _failures(rows: Sequence[RowResult]) -> list[str]:
    if not rows:
        return []
    return ["## Failed", "", *(f"* `{row.name}`: {row.failure}" for row in rows), ""]


def protocol_sentences(protocol: AblationProtocol) -> list[str]:
    """All that one needs to know to measure the same again."""
    width, height = protocol.size
    pieces = (("style", protocol.style), ("motion adapter", protocol.motion), ("tile control", protocol.control))
    steps = ", ".join(f"{name} {run.steps} steps of {run.batch} clips" for name, run in pieces)
    return [
        "Every row begins with the same nano base, which stays as it is, and with weights of its own by the seed; only "
        f"its own part learns, on latents that were made before: {steps}. Projector: {protocol.projector.epochs} "
        "epochs of all illusion pairs there are, or of the paintings of the data folder by artist.",
        f"Seeds {', '.join(map(str, protocol.seeds))}: of weights, order of clips, and noise to paint from.",
        f"Painted at {width}x{height}, {protocol.frames} frames, {STEPS[protocol.preset]} steps, guidance by text "
        f"{protocol.scales.text:g} and by style {protocol.scales.style:g}, in {', '.join(protocol.styles)} of "
        "`eval/styles`, which no training saw.",
        f"From text: {'; '.join(f'“{prompt}”' for prompt in protocol.prompts)}.",
        f"Repainted: {', '.join(f'{clip} (“{prompt}”)' for clip, prompt in protocol.clips)} of `eval/videos`, one "
        f"frame of {protocol.every}.",
        "Rows without a strength of the motion adapter have none, so that it is not what they differ in; the paper's "
        "have one.",
        "`released` chooses patches and reads the picture as the authors' code does, and does not shuffle the picture; "
        "its attention is ours, which can learn.",
    ]
