"""The files of a table: `NAME.json` and `NAME.md` after every row, the plot and the video at the end."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from impasto.errors import OutputProblem
from impasto.evaluation.tables.flicker import Table
from impasto.evaluation.tables.pages import claims_table, filled, table_page
from impasto.evaluation.tables.plot import draw_plot
from impasto.evaluation.tables.protocol import QUICK, Protocol, read_frames
from impasto.evaluation.tables.rows import flicker_rows
from impasto.evaluation.tables.store import RowStore
from impasto.evaluation.textfiles import write_json, write_text
from impasto.job.compare import compare
from impasto.video.pictures import write_picture

HELD = 4
"""Times that the video shows each frame: twelve of them would be over in a blink."""
CRF = 24
"""Of the video, which is checked in: under a megabyte."""


def write_table(table: Table, folder: Path) -> None:
    """Write the figures; and the verdicts into `claims.md` beside the folder, where there is one.

    Raises:
        OutputProblem: the folder cannot be written.
    """
    claims = None if table.protocol == QUICK else claims_table(table.claims)
    write_pages(folder, table.name, table, table_page(table), claims)


def write_pages(folder: Path, name: str, table: Any, page: str, claims: Sequence[str] | None) -> None:
    """Write `NAME.json` and `NAME.md`; and the claims into `claims.md` beside the folder, where there is one.

    Args:
        claims: lines of a table; None: they mean nothing.

    Raises:
        OutputProblem: the folder cannot be written.
        InputError: `claims.md` has no place of that name.
    """
    write_json(folder / f"{name}.json", table)
    write_text(folder / f"{name}.md", page)
    file = folder.parent / "claims.md"
    if claims is not None and file.is_file():
        write_text(file, filled(file.read_text(encoding="utf-8"), name, claims))


def write_pictures(table: Table, folder: Path) -> list[str]:
    """Write the plot and the video; gives sentences on what could not be made."""
    notes = []
    try:
        draw_plot(table, folder / f"{table.name}.svg")
    except ImportError:
        notes.append("No plot, because matplotlib is not installed: pip install '.[plots]' in Impasto's folder.")
    video = folder / f"{table.name}.mp4"
    lost = _rows_without_frames(table)
    if lost and video.exists():
        notes.append(f"{video} stays as it was: the cache no longer has the frames of {', '.join(lost)}.")
        return notes
    try:
        _write_video(table.protocol, video)
    except OutputProblem as problem:
        notes.append(f"No video: {problem}")
    return notes


def _rows_without_frames(table: Table) -> list[str]:
    """Rows on the first frames that are measured and cannot be shown."""
    measured = {row.key for row in table.rows if row.measured}
    stores = [(row, RowStore(row, table.protocol)) for row in flicker_rows(table.protocol)]
    return [
        row.name
        for row, store in stores
        if row.method
        and row.span == table.protocol.short
        and store.key in measured
        and not _shown(store, table.protocol)
    ]


def _shown(store: RowStore, protocol: Protocol) -> bool:
    return store.frames_file(*_shown_pair(protocol)).exists()


def _shown_pair(protocol: Protocol) -> tuple[str, str]:
    # The first of both may be published; see docs/credits.md.
    return protocol.pairs[0]


def _write_video(protocol: Protocol, output: Path) -> None:
    clip, style = _shown_pair(protocol)
    with tempfile.TemporaryDirectory() as folder:
        shown = []
        for row in flicker_rows(protocol):
            store = RowStore(row, protocol)
            if row.span != protocol.short or (row.method and not _shown(store, protocol)):
                continue
            shown.append(Path(folder) / row.title)
            shown[-1].mkdir()
            frames = store.frames(clip, style) if row.method else read_frames(clip, row.span)
            for number in range(len(frames) * HELD):
                write_picture(shown[-1] / f"{number:04d}.png", frames[number // HELD])
        if len(shown) > 1:
            compare(shown, output, overwrite=True, crf=CRF)
