"""The rows of the ablations, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from impasto.stylizers.stylemaster.controlpictures import Preparation
from impasto.stylizers.stylemaster.texture import Choice
from impasto.stylizers.stylemaster.tokens import Source

TableName = Literal["stylemaster-ablation", "motion-alpha"]


@dataclass(frozen=True, kw_only=True)
class StyleVariant:
    """How style is read."""

    name: str
    source: Source | None
    choice: Choice | None
    artists: bool = False
    """The projector learned from paintings by artist."""
    pooled_texts: bool = False
    """Patches are compared with what stands for texts in the released code."""
    span_bias: bool = False


BOTH = StyleVariant(name="both", source="projector", choice="least")
"""The method."""


@dataclass(frozen=True, kw_only=True)
class Row:
    name: str
    title: str
    style: StyleVariant
    control: Preparation | None = None
    """What the tile control sees of a clip that is repainted; None: clips are made from text."""
    alpha: float | None = None
    """Strength of the motion adapter; None: there is none, so that nothing else differs."""


def _styles(title: str, **variant: object) -> Row:
    style = StyleVariant(**variant)  # pyright: ignore[reportArgumentType]
    return Row(name=style.name, title=title, style=style)


STYLE_ROWS = (
    _styles("raw CLIP embedding", name="embedding", source="embedding", choice=None),
    _styles("global projector", name="projector", source="projector", choice=None),
    _styles("all patches", name="all-patches", source=None, choice="all"),
    _styles("as many random patches", name="random-patches", source=None, choice="random"),
    _styles("patches least like the text", name="selected-patches", source=None, choice="least"),
    Row(name="both", title="projector and selected patches", style=BOTH),
    _styles("projector of artist groups", name="artists", source="projector", choice=None, artists=True),
    _styles(
        "as released: patches most like pooled texts, raw embedding",
        name="released",
        source="embedding",
        choice="most",
        pooled_texts=True,
        span_bias=True,
    ),
)
CONTROL_ROWS = (
    Row(name="gray-tile", title="gray tile", style=BOTH, control="gray tile"),
    Row(name="rgb-tile", title="RGB tile", style=BOTH, control="rgb tile"),
    Row(name="canny", title="Canny edges", style=BOTH, control="canny"),
)
ALPHA_ROWS = tuple(
    Row(name=f"alpha{alpha:+g}", title=f"alpha = {alpha:g}", style=BOTH, alpha=alpha)
    for alpha in (-1.0, -0.5, -0.3, -0.1, 0.0)
)
ROWS: Mapping[str, tuple[Row, ...]] = {
    "stylemaster-ablation": STYLE_ROWS + CONTROL_ROWS,
    "motion-alpha": ALPHA_ROWS,
}
