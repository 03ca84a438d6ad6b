"""From dataclasses to what JSON knows."""

import dataclasses
from fractions import Fraction
from pathlib import Path
from typing import Any


def plain(value: Any) -> Any:
    """The same value made of dicts, lists, strings and numbers; a `Fraction` becomes a float, a path a string."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, Path):
        return str(value)
    return value
