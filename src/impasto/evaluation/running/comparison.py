"""What is to be compared: an output, and what it was made of and after."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from impasto.errors import UnreadableInput
from impasto.evaluation.metrics.metric import Need


@dataclass(frozen=True, kw_only=True)
class Comparison:
    output: Path
    source: Path | None = None
    styles: tuple[Path, ...] = ()
    prompt: str = ""
    first_frame: Path | None = None

    @property
    def given(self) -> frozenset[Need]:
        """What metrics may ask for."""
        there: dict[Need, bool] = {
            "source": self.source is not None,
            "style": bool(self.styles),
            "prompt": bool(self.prompt),
            "first_frame": self.first_frame is not None,
        }
        return frozenset(need for need, given in there.items() if given)


def read_list(path: Path) -> list[Comparison]:
    """Comparisons of a JSON list of `output`, `source`, `styles`, `prompt`, `first_frame`; paths from its own folder.

    Raises:
        UnreadableInput: the file cannot be read or is no such list (says which item).
    """
    items = read_json(path)
    if not isinstance(items, list) or not items:
        raise UnreadableInput(f"{str(path)!r} is no JSON list of comparisons; see docs/json.md.")
    return [_comparison(item, f"Item {number} of {str(path)!r}", path.parent) for number, item in enumerate(items, 1)]


def read_json(path: Path) -> Any:
    """What a JSON file holds; raises `UnreadableInput`."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UnreadableInput(f"{str(path)!r} cannot be read: {error.strerror}; check the path.") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableInput(f"{str(path)!r} is no JSON: {error}; mend it or make it anew.") from error


def _comparison(item: Any, where: str, folder: Path) -> Comparison:
    if not isinstance(item, dict) or not isinstance(item.get("output"), str):
        raise UnreadableInput(f"{where} has no 'output'; give each comparison the path of one.")
    for key, value in item.items():
        if key not in ("output", "source", "styles", "prompt", "first_frame"):
            raise UnreadableInput(
                f"{where} has an unknown key {key!r}; known are output, source, styles, prompt, first_frame."
            )
        texts = value if key == "styles" and isinstance(value, list) else [value]
        if not all(isinstance(text, str) for text in texts):
            raise UnreadableInput(f"{where} has {value!r} as {key!r}; give text, and for 'styles' a list of it.")
    styles = item.get("styles", [])
    return Comparison(
        output=folder / item["output"],
        source=folder / item["source"] if "source" in item else None,
        styles=tuple(folder / style for style in ([styles] if isinstance(styles, str) else styles)),
        prompt=item.get("prompt", ""),
        first_frame=folder / item["first_frame"] if "first_frame" in item else None,
    )
