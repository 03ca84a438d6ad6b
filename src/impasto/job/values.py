"""Values with a grammar of their own: times, styles, keyframes.

TIME      7, 7.5s, 0:07, 1:02:03.5
--style   FILE, NAME, VALUE=WEIGHT, TIME=VALUE, TIME=VALUE=WEIGHT
--keyframe  TIME=FILE
"""

import re
from fractions import Fraction
from os.path import exists, isfile  # false, where pathlib fails, for a text too long to be a name
from pathlib import Path

from impasto.errors import UnreadableInput, UnsupportedOption
from impasto.guidance import Keyframe, Style

_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)(s?)")
_NUMBER = re.compile(r"\d+(?:\.\d*)?|\.\d+")


def parse_time(text: str) -> Fraction | None:
    """Seconds, exact; None where the text is no time."""
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds, unit = match.groups()
    clock = minutes is not None
    if clock and (unit or Fraction(seconds) >= 60 or (hours and int(minutes) >= 60)):
        return None
    return int(hours or 0) * 3600 + int(minutes or 0) * 60 + Fraction(seconds)


def parse_style(text: str, folder: Path = Path()) -> Style:
    """One value of `--style`; a name is not looked up here, and paths begin at `folder`.

    A value that is an existing file is taken whole, whatever signs are in its name.
    """
    if isfile(folder / text):
        return Style(image=folder / text)
    left, equals, right = text.partition("=")
    start = parse_time(left) if equals else None
    if start is None:
        return _parse_weighted(text, Fraction(0), folder)
    if isfile(folder / right):
        return Style(image=folder / right, start=start)
    return _parse_weighted(right, start, folder)


def parse_keyframe(text: str, folder: Path = Path()) -> Keyframe:
    """One value of `--keyframe`: TIME=FILE, where the path begins at `folder`."""
    left, _, right = text.partition("=")
    time = parse_time(left)
    if time is None or not right:
        raise UnsupportedOption(f"--keyframe {text!r} is not TIME=PICTURE; write for example 0:07=painted.png.")
    return Keyframe(time=time, image=folder / right)


def parse_rate(text: str | None) -> Fraction | None:
    """Frames per second."""
    if text is None:
        return None
    try:
        # 29.97002997 is 30000/1001: codecs count in small whole numbers.
        rate = Fraction(text).limit_denominator(1001)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= 1000:
        raise UnsupportedOption(f"--fps {text!r} is not a frame rate; give a number such as 24 or 30000/1001.")
    return rate


def _parse_weighted(text: str, start: Fraction, folder: Path) -> Style:
    value, equals, weight = text.rpartition("=")
    if not equals:
        return _file_or_name(text, 1.0, start, folder)
    if not _NUMBER.fullmatch(weight) or float(weight) == 0:
        raise UnsupportedOption(f"The weight {weight!r} in --style {text!r} is wrong; give a number above 0.")
    return _file_or_name(value, float(weight), start, folder)


def _file_or_name(text: str, weight: float, start: Fraction, folder: Path) -> Style:
    if not text:
        raise UnsupportedOption("--style is empty; give a picture or a name (`impasto styles` lists the names).")
    if exists(folder / text):
        return Style(image=folder / text, weight=weight, start=start)
    if "/" in text or "\\" in text or "." in text:
        raise UnreadableInput(f"No such style picture: {text!r}; check the name.")
    return Style(name=text, weight=weight, start=start)
