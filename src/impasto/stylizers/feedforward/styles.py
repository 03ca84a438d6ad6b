"""The named styles: codes of public-domain paintings that ship with the package."""

import json
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from safetensors import safe_open

from impasto.errors import UnsupportedOption
from impasto.weights.paths import weights_file

if TYPE_CHECKING:
    from impasto.stylizers.feedforward.code import StyleCode

STYLES = "styles.safetensors"
PREVIEWS = "previews"


@dataclass(frozen=True)
class NamedStyle:
    name: str
    title: str
    artist: str
    date: str
    movement: str
    licence: str

    @property
    def preview(self) -> Path:
        """Picture of the demo scene in this style."""
        return weights_file(f"{PREVIEWS}/{self.name}.jpg")


@cache
def named_styles() -> dict[str, NamedStyle]:
    """All named styles, by name."""
    with safe_open(weights_file(STYLES), "np") as file:
        rows = json.loads(file.metadata()["styles"])
    return {row["name"]: NamedStyle(**row) for row in rows}


def check_style_name(name: str) -> None:
    """Raise `UnsupportedOption` for a name that is no style, suggesting the nearest."""
    known = named_styles()
    if name not in known:
        near = get_close_matches(name, known, n=1, cutoff=0.4)
        hint = f"did you mean {near[0]!r}?" if near else "`impasto styles` lists the names."
        raise UnsupportedOption(f"{name!r} is neither a file nor a named style; {hint}")


def named_code(name: str) -> "StyleCode":
    """The code of a named style."""
    from safetensors.torch import load_file  # here, so that listing and checking names stays quick

    from impasto.color.transport import ColorStatistics
    from impasto.stylizers.feedforward.code import StyleCode

    check_style_name(name)
    table = load_file(weights_file(STYLES))
    index = list(named_styles()).index(name)
    colors = ColorStatistics(table["means"][index].float(), table["covariances"][index].float())
    return StyleCode(table["statistics"][index].float(), colors)
