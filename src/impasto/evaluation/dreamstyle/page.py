"""The ablation as a page of Markdown; nothing of it is made by hand."""

from pathlib import Path

from impasto.evaluation.ablation.page import PAPER, page_of, section
from impasto.evaluation.ablation.results import AblationTable
from impasto.evaluation.dreamstyle.columns import COLUMNS, PUBLISHED
from impasto.evaluation.dreamstyle.protocol import QUICK, DreamStyleProtocol
from impasto.evaluation.papers.page import published_section
from impasto.evaluation.tables.outputs import write_pages
from impasto.evaluation.tables.pages import claims_table
from impasto.stylizers.dreamstyle.nano import STEPS


def write_dreamstyle(table: AblationTable, folder: Path) -> None:
    """Write figures, page and claims; raises as `write_pages` does."""
    claims = None if table.protocol == QUICK else claims_table(table.claims, PAPER)
    figures = section("Clips repainted", table.rows, COLUMNS)
    printed = published_section(table.published, PUBLISHED)
    page = page_of("DreamStyle, at nano scale", table, figures, printed, protocol_sentences(table.protocol))
    write_pages(folder, table.name, table, page, claims)


def protocol_sentences(protocol: DreamStyleProtocol) -> list[str]:
    """All that one needs to know to measure the same again."""
    both = protocol.ct, protocol.sft
    stages = " and ".join(f"{stage.name} {stage.steps} steps of {stage.batch} pairs" for stage in both)
    clips = ", ".join(f"{clip} (“{caption}”)" for clip, caption in protocol.clips)
    styles = ", ".join(f"{style} (“{words}”)" for style, words in protocol.styles)
    return [
        "Every row begins with the same nano base, which stays as it is but for `full`, and with weights of its own by "
        f"the seed; it learns on latents of pairs that were made before: {stages}, rank {protocol.config.rank}. A row "
        "of one stage learns for that much less.",
        f"Seeds {', '.join(map(str, protocol.seeds))} for rows that the paper says something of, the first for others: "
        "of weights, order of pairs, and noise to paint from.",
        f"Painted at {protocol.width} pixels of width, {protocol.frames} frames, {STEPS[protocol.preset]} steps, "
        f"guidance by text {protocol.scales.text:g} and by look {protocol.scales.look:g}.",
        f"Clips: {clips} of `eval/videos`. Styles: {styles} of `eval/styles`. No training saw them.",
        "First frames are painted by `swift` in the style of the picture, preset draft. Rows that are led are those of "
        "`method`, with a ControlNet beside them that learned from rendered scenes. In the task by text the words "
        "of clip and style are the prompt, and those of the style alone are measured.",
        "CSD-nano stands in for CSD and structure-nano for the cosine of DINOv2 patches: only the direction of "
        "differences can be compared.",
    ]
