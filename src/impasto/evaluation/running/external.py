"""Figures of other tools, which a report shows beside ours and never mixes with them."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from impasto.errors import UnreadableInput
from impasto.evaluation.running.comparison import read_json


@dataclass(frozen=True, kw_only=True)
class ExternalFigure:
    metric: str
    value: float
    clip: str
    """The output that it belongs to, as the user gave it; empty: all of them."""
    tool: str
    version: str
    """Or commit."""
    settings: str

    def of(self, output: Path) -> bool:
        """Whether it belongs to an output, named by its path or by its file name."""
        return self.clip in (str(output), output.name)


def read_external(path: Path, outputs: Collection[Path]) -> tuple[ExternalFigure, ...]:
    """The figures of a JSON list of `metric`, `value`, `clip` (optional) and `protocol` (docs/json.md).

    Raises:
        UnreadableInput: the file cannot be read, an item lacks something, or its clip is none of the outputs.
    """
    items = read_json(path)
    if not isinstance(items, list):
        raise UnreadableInput(f"{str(path)!r} is no JSON list of figures; see docs/json.md.")
    figures = [_figure(item, f"Item {number} of {str(path)!r}") for number, item in enumerate(items, 1)]
    for figure in figures:
        if figure.clip and not any(figure.of(output) for output in outputs):
            raise UnreadableInput(
                f"{str(path)!r} has a figure of {figure.clip!r}, which is not measured; "
                f"name one of {', '.join(map(str, outputs))}."
            )
    return tuple(figures)


def _figure(item: Any, where: str) -> ExternalFigure:
    if not isinstance(item, dict) or not isinstance(item.get("protocol"), dict):
        raise UnreadableInput(f"{where} has no 'protocol'; say by which tool, version and settings it was measured.")
    value, protocol = item.get("value"), item["protocol"]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UnreadableInput(f"{where} has the value {value!r}; give a finite number.")
    texts = {
        "metric": item.get("metric"),
        "clip": item.get("clip", ""),
        "tool": protocol.get("tool"),
        "version": protocol.get("version") or protocol.get("commit"),
    }
    for name, text in texts.items():
        if not isinstance(text, str) or not (text.strip() or name == "clip"):
            raise UnreadableInput(f"{where} has {text!r} as its {name}; give text.")
    settings = protocol.get("settings")
    if not settings or not isinstance(settings, str | dict):
        raise UnreadableInput(f"{where} has no 'settings' in its protocol; say what the tool was set to.")
    if isinstance(settings, dict):
        settings = ", ".join(f"{key} {each}" for key, each in settings.items())
    return ExternalFigure(**texts, value=float(value), settings=settings)
