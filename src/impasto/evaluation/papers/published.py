"""What the papers print in these tables; measured by other programs, on other pictures: not to be compared."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class PublishedRow:
    method: str
    values: dict[str, float]
    """By the title of the column; what the paper does not print, or could not be read, is not there."""


@dataclass(frozen=True, kw_only=True)
class Published:
    source: str
    protocol: str
    rows: tuple[PublishedRow, ...]


def published(table: str) -> Published:
    """The rows of a table, by its name."""
    held = json.loads(Path(__file__).with_name("published.json").read_text(encoding="utf-8"))[table]
    rows = tuple(
        PublishedRow(method=row["method"], values={title: row[title] for title in row if title != "method"})
        for row in held["rows"]
    )
    return Published(source=held["source"], protocol=held["protocol"], rows=rows)
