"""What commands print: results on stdout, progress on stderr."""

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from impasto.errors import ImpastoError
from impasto.job.plain import plain


def print_json(value: Any) -> None:
    """One JSON object or list."""
    print(json.dumps(plain(value), indent=2, ensure_ascii=False))


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table without frames; never cut off where it goes into a file or a pipe."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=10_000)
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    console.print(table)


def say(line: str) -> None:
    """How far it is."""
    print(line, file=sys.stderr, flush=True)


def reason_of(error: Exception, command: Sequence[str]) -> str:
    """What went wrong, in a sentence; an error of ours is written into a log that the sentence names."""
    if isinstance(error, ImpastoError):
        return str(error)
    handle, path = tempfile.mkstemp(prefix="impasto-", suffix=".log")
    with os.fdopen(handle, "w", encoding="utf-8") as log:
        print("impasto", *command, file=log)
        traceback.print_exception(error, file=log)
    return f"Something inside Impasto broke; please report it with the log {path!r}."
