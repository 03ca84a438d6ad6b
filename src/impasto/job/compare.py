"""Videos side by side: a labelled video, or a contact sheet of moments."""

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from impasto.errors import InputError
from impasto.job.checks import check_output
from impasto.job.encoding import encode_as_it_is
from impasto.job.events import Listener, ignore
from impasto.job.labels import labels_for
from impasto.job.mosaic import mosaic_for
from impasto.job.sidebyside import Playing, SideBySide
from impasto.job.tag import tag_of
from impasto.job.workfolder import interruption_told
from impasto.video.formats import choose_format
from impasto.video.pictures import is_picture, write_picture
from impasto.video.source import FrameSource, open_source
from impasto.video.types import Picture

MOMENTS = 6
"""Columns of a contact sheet."""
SMALLEST = 16
"""Pixels of the longer side of frames that are only counted."""


def compare(
    paths: Sequence[Path], output: Path, overwrite: bool = False, on_event: Listener = ignore, crf: int | None = None
) -> list[str]:
    """Put the videos beside each other in the time and with the sound of the first; returns notes.

    A picture among videos stands still, and a video that ends early keeps its last frame. An output that is a picture
    becomes a contact sheet: a row for each video, a column for each of `MOMENTS` moments.
    Raises `InputError`, `ResourceError`.
    """
    if len(paths) < 2:
        raise InputError(f"{len(paths)} given to compare; give two videos or more.")
    sources = [open_source(path) for path in paths]
    leader = next((source for source in sources if source.info.kind != "picture"), sources[0])
    sheet_wanted = is_picture(output)
    fmt = choose_format(output, replace(leader.info, kind="picture") if sheet_wanted else leader.info, crf=crf)
    check_output(output, fmt, [(path, "input") for path in paths], overwrite)
    with interruption_told(output):
        if sheet_wanted:
            sheet = _contact_sheet(sources, leader, labels_for(list(paths)))
            write_picture(output, sheet, software=tag_of())
            return []
        return encode_as_it_is(
            SideBySide(sources, leader, labels_for(list(paths))), output, tag_of(), on_event, overwrite
        )


def _contact_sheet(sources: list[FrameSource], leader: FrameSource, labels: list[str]) -> Picture:
    still = leader.info.kind == "picture"
    if not leader.info.frames_exact:
        # Some files do not say how long they are.
        deque(leader.small_frames(SMALLEST), maxlen=0)
    columns = min(MOMENTS, max(1, leader.info.frames))
    moments = [leader.info.duration * (2 * column + 1) / (2 * columns) for column in range(columns)]
    mosaic = mosaic_for(leader.info, len(sources) * columns, columns=len(sources) if still else columns)
    pictures, texts = [], []
    for source, label in zip(sources, labels, strict=True):
        playing = Playing(source)
        pictures += [playing.at(moment) for moment in moments]
        texts += [label if still else f"{label}  {float(moment):.1f} s" for moment in moments]
    return mosaic.sheet(pictures, mosaic.strips(texts))
