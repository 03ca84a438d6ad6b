"""Guidance from the short forms that Python callers write."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from impasto.guidance import Guidance, Style

StyleLike = str | Path | Style
"""A picture, the name of a style, or a `Style` for weights and times."""


def guidance_from(style: StyleLike | Iterable[StyleLike], **fields: Any) -> Guidance:
    """Guidance with one style or several; `fields` are those of `Guidance`, where a path may be a string."""
    styles = [style] if isinstance(style, StyleLike) else style
    for name in ("first_frame", "mask", "guide"):
        if fields.get(name) is not None:
            fields[name] = Path(fields[name])
    return Guidance(styles=tuple(_style(each) for each in styles), **fields)


def _style(value: StyleLike) -> Style:
    if isinstance(value, Style):
        return value
    if isinstance(value, Path) or Path(value).exists() or Path(value).suffix:
        return Style(image=Path(value))
    return Style(name=value)
