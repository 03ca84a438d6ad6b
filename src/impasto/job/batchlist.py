"""The list of a batch: a text file of sources, one a line, or a JSON list of objects (docs/json.md)."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from impasto.errors import ImpastoError, InputError, UnreadableInput, UnsupportedOption
from impasto.guidance import Guidance
from impasto.job.request import Request
from impasto.job.shotlist import read_shot_list
from impasto.job.values import parse_keyframe, parse_rate, parse_style
from impasto.video.formats import VIDEO_SUFFIXES
from impasto.video.pictures import PICTURE_SUFFIXES

Value = Any
"""Anything that JSON knows."""


class Problems:
    """Gathers what is wrong with the lines of a list, so that a user sees all of it at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[tuple[int, str]] = []

    @contextmanager
    def of(self, line: int) -> Iterator[None]:
        """What is raised inside is wrong with this line."""
        try:
            yield
        except ImpastoError as error:
            self._found.append((line, str(error)))

    def tell(self) -> None:
        """Raise `InputError` where something was found."""
        if self._found:
            found = sorted(self._found, key=lambda each: each[0])
            head = f"{str(self._path)!r} cannot be run as it is, and nothing was begun:"
            raise InputError("\n  ".join([head, *(f"line {line}: {told}" for line, told in found)]))


def read_batch(path: Path, common: Request, folder: Path | None, problems: Problems) -> list[tuple[int, Request]]:
    """The runs that a list asks for, each with its line; what a line leaves open is as in `common`.

    Paths in the list begin at its folder. An output that is not said gets the name of its source, in `folder`. Raises
    `UnreadableInput` for a file that is no list; what is wrong with a line goes to `problems`.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = list(_objects(text) if path.suffix.lower() == ".json" else _lines(text))
    except OSError as error:
        raise UnreadableInput(f"{str(path)!r} cannot be read: {error.strerror}; check the path.") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(f"{str(path)!r} is no list for a batch: {error}; see docs/json.md.") from error
    if not rows:
        raise UnreadableInput(f"{str(path)!r} lists nothing; give a source on each line.")
    requests = []
    for line, row in rows:
        with problems.of(line):
            requests.append((line, request_from(row, path.parent, common, folder)))
    return requests


def _lines(text: str) -> Iterator[tuple[int, Value]]:
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#"):
            yield number, {"source": line.strip()}


def _objects(text: str) -> Iterator[tuple[int, Value]]:
    """The items of a JSON list, each with the line that it begins at, which `json` does not tell."""
    if not isinstance(json.loads(text), list):
        raise ValueError("the JSON is no list")
    place = _item_after(text, text.index("["))
    while text[place] != "]":
        item, stop = json.JSONDecoder().raw_decode(text, place)
        yield text.count("\n", 0, place) + 1, item
        place = _item_after(text, stop - 1)


def _item_after(text: str, place: int) -> int:
    return next(after for after in range(place + 1, len(text)) if text[after] not in " \t\r\n,")


def request_from(row: Value, here: Path, common: Request, outputs: Path | None) -> Request:
    """The run that an object of options asks for, as a list holds it; raises `InputError` for what is wrong in it."""
    if not isinstance(row, dict) or "source" not in row:
        raise UnsupportedOption(f"{json.dumps(row, ensure_ascii=False)} has no 'source'; give each run one.")
    told = dict(_option(name, value, here) for name, value in row.items())
    if "output" not in told:
        if outputs is None:
            raise UnsupportedOption(f"{row['source']!r} has no output; give it one, or a folder for all with -o.")
        told["output"] = outputs / output_name(told["source"])
    steering = {field.name: told.pop(field.name) for field in fields(Guidance) if field.name in told}
    return replace(common, guidance=replace(common.guidance, **steering), **told)


def output_name(source: Path) -> str:
    """The name of a source as that of an output: an ending that cannot be written becomes .mp4."""
    if source.is_dir() or not source.suffix:
        return source.name
    if "%" in source.name:
        return source.absolute().parent.name
    writable = source.suffix.lower() in PICTURE_SUFFIXES | VIDEO_SUFFIXES
    return source.name if writable else f"{source.stem}.mp4"


Read = Callable[[Value, Path], Any]
"""From JSON to what the field of a request takes; raises `TypeError` that says what it should be."""


def _typed(kind: type | tuple[type, ...], what: str) -> Read:
    def read(value: Value, folder: Path) -> Any:
        if not isinstance(value, kind) or isinstance(value, bool) != (kind is bool):
            raise TypeError(what)
        return value

    return read


_text = _typed(str, "text")
_number = _typed((int, float), "a number")
_whole = _typed(int, "a whole number")
_switch = _typed(bool, "true or false")


def _path(value: Value, folder: Path) -> Path:
    return folder / _text(value, folder)


def _model(value: Value, folder: Path) -> str:
    name = _text(value, folder)
    return str(folder / name) if name.endswith(".safetensors") else name


def _rate(value: Value, folder: Path) -> Fraction | None:
    return parse_rate(value if isinstance(value, str) else str(_number(value, folder)))


def _several(parse: Callable[[str, Path], Any]) -> Read:
    def read(value: Value, folder: Path) -> tuple[Any, ...]:
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("text or a list of it")
        return tuple(parse(text, folder) for text in texts)

    return read


_OPTIONS: dict[str, tuple[str, Read]] = {
    "source": ("source", _path),
    "output": ("output", _path),
    "style": ("styles", _several(parse_style)),
    "prompt": ("prompt", _text),
    "first_frame": ("first_frame", _path),
    "keyframe": ("keyframes", _several(parse_keyframe)),
    "refine": ("refine", _switch),
    "mask": ("mask", _path),
    "control": ("control", _several(_text)),
    "strength": ("strength", _number),
    "structure": ("structure", _number),
    "preserve_color": ("preserve_color", _switch),
    "seed": ("seed", _whole),
    "model": ("model", _model),
    "preset": ("preset", _text),
    "fps": ("fps", _rate),
    "codec": ("codec", _text),
    "crf": ("crf", _whole),
    "shots": ("shots", lambda value, folder: read_shot_list(_path(value, folder))),
}
"""Those of `impasto stylize`: the field of the request or of its guidance, and how it is read."""


def _option(name: str, value: Value, folder: Path) -> tuple[str, Any]:
    if name not in _OPTIONS:
        raise UnsupportedOption(f"Unknown option {name!r}; known are {', '.join(_OPTIONS)}.")
    field, read = _OPTIONS[name]
    try:
        return field, read(value, folder)
    except TypeError as wanted:
        raise UnsupportedOption(f"{name!r} is {json.dumps(value, ensure_ascii=False)}; give {wanted}.") from wanted
