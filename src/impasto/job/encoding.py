"""Encoding a source without painting it."""

from pathlib import Path

from impasto.job.events import FrameDone, Joining, Listener, ignore
from impasto.job.threads import Ahead
from impasto.job.workfolder import work_folder
from impasto.video.encode import SegmentWriter
from impasto.video.formats import choose_format
from impasto.video.mux import mux, plan_tracks
from impasto.video.types import FrameSource


def encode_as_it_is(
    source: FrameSource, output: Path, tag: str = "", on_event: Listener = ignore, overwrite: bool = False
) -> list[str]:
    """Write the frames of a source with its tracks; an output that exists is replaced. Returns notes.

    Args:
        overwrite: an unfinished run for this output is given up; else it is a reason to refuse.
        tag: says in the file what made it; none by default, for what is a person's own.

    Raises `InputError`, `ResourceError`.
    """
    info = source.info
    fmt = choose_format(output, info)
    with work_folder(output, {}, overwrite) as folder:
        segment = folder.segments.path(0)
        with SegmentWriter(segment, fmt, info) as writer, Ahead(source.frames(), name="decode") as decoded:
            for number, frame in enumerate(decoded, 1):
                writer.write(frame)
                on_event(FrameDone(number, max(number, info.frames)))
        on_event(Joining())
        notes = mux([segment], source, fmt, folder.finished, plan_tracks(info, fmt), tag)
        folder.put_in_place()
    return [*source.notes, *notes]
