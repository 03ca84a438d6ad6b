"""The shot list: a JSON file with the cuts of a video, for people to edit. Its keys: docs/json.md."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from impasto.errors import UnreadableInput, UnsupportedOption
from impasto.guidance import Guidance, Style
from impasto.job.values import parse_style
from impasto.video.types import Shot

_REMEDY = "make a new one with `impasto shots`"


@dataclass(frozen=True, kw_only=True)
class ListedShot:
    """Frames `start` .. `stop` - 1."""

    start: int
    stop: int
    start_time: float | None
    """Seconds, to find one's way; checked against the frame where it is there."""
    styles: tuple[Style, ...]
    prompt: str | None = None

    @property
    def own(self) -> bool:
        """It says itself how it is to look."""
        return bool(self.styles) or self.prompt is not None

    def of(self, guidance: Guidance) -> Guidance:
        """What holds in this shot: its styles and prompt alone where it has any, else those of the run."""
        return guidance.going_by(self.styles, self.prompt) if self.own else guidance


@dataclass(frozen=True)
class ShotList:
    path: Path
    shots: tuple[ListedShot, ...]

    @property
    def starts(self) -> list[int]:
        """The first frames of the shots."""
        return [shot.start for shot in self.shots]

    def check(self, shots: Sequence[Shot], fps: Fraction) -> None:
        """Raise `UnsupportedOption` where the list is not of the video that was cut by it into `shots`."""
        frames, listed = shots[-1].stop, self.shots[-1].stop
        if listed != frames or len(shots) != len(self.shots):
            raise UnsupportedOption(
                f"The shots of {str(self.path)!r} end at frame {listed} and the source at {frames}; "
                f"is the list for another video? If so, {_REMEDY}."
            )
        for number, (shot, told) in enumerate(zip(shots, self.shots, strict=True), 1):
            if told.start_time is not None and abs(told.start_time - shot.start_time) * fps > Fraction(1, 2):
                raise UnsupportedOption(
                    f"Shot {number} of {str(self.path)!r} starts at frame {told.start}, which is at "
                    f"{float(shot.start_time):.3f} s and not at {told.start_time:.3f} s; frames count, so change "
                    "`start` and remove `start_time`."
                )


def read_shot_list(path: Path) -> ShotList:
    """Read a list that a person may have edited; the paths of style pictures begin at its folder.

    Raises `UnreadableInput`, and `UnsupportedOption` for shots out of order or a wrong style.
    """
    if not path.is_file():
        raise UnreadableInput(f"No such shot list: {str(path)!r}; {_REMEDY}.")
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))["shots"]
        shots = tuple(_shot(row, path.parent) for row in rows)
    except (ValueError, KeyError, TypeError) as error:
        raise UnreadableInput(f"{str(path)!r} is no shot list ({_reason(error)}); mend it or {_REMEDY}.") from error
    if not shots:
        raise UnreadableInput(f"{str(path)!r} holds no shots; {_REMEDY}.")
    _check_order(path, shots)
    return ShotList(path, shots)


def _shot(row: dict[str, Any], folder: Path) -> ListedShot:
    start, stop, time = row["start"], row["stop"], row.get("start_time")
    style, prompt = row.get("style"), row.get("prompt")
    if not all(type(frame) is int for frame in (start, stop)):
        raise ValueError("a frame is no whole number")
    texts = [style] if isinstance(style, str) else style or []
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("a style is no text")
    if not isinstance(prompt, str | None):
        raise ValueError("a prompt is no text")
    styles = tuple(parse_style(text, folder) for text in texts)
    if any(each.start for each in styles):
        raise UnsupportedOption(f"The style {texts[0]!r} of a shot has a time of its own; split the shot instead.")
    at = None if time is None else float(time)
    return ListedShot(start=start, stop=stop, start_time=at, styles=styles, prompt=prompt)


def _check_order(path: Path, shots: Sequence[ListedShot]) -> None:
    edges = [0, *(shot.stop for shot in shots)]
    for number, (shot, (begin, _)) in enumerate(zip(shots, pairwise(edges), strict=True), 1):
        if shot.start != begin or shot.stop <= shot.start:
            raise UnsupportedOption(
                f"Shot {number} of {str(path)!r} has the frames {shot.start} to {shot.stop}; "
                f"a shot starts where the one before stops, here at {begin}, and stops later."
            )


def _reason(error: Exception) -> str:
    return f"no {error}" if isinstance(error, KeyError) else str(error)
