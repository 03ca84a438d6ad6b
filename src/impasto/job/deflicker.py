"""What `impasto deflicker` asks of a run."""

from pathlib import Path
from typing import Any

from impasto.errors import UnsupportedOption
from impasto.guidance import Guidance
from impasto.job.request import Request
from impasto.stylizers.registry import STEADYING
from impasto.video.pictures import is_picture


def deflicker_request(source: Path, output: Path, guide: Path | None, **options: Any) -> Request:
    """The run that steadies a video; `options` are other fields of `Request`.

    Raises `UnsupportedOption` for a picture, which cannot flicker.
    """
    if is_picture(source):
        raise UnsupportedOption(f"{str(source)!r} is one picture, which cannot flicker; give a video or a folder.")
    return Request(source=source, output=output, guidance=Guidance(guide=guide), model=STEADYING, **options)
