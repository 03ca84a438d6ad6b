"""Which code made a figure: a digest that changes with what the code does, not with its comments."""

import ast
import hashlib
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).parents[2]


@cache
def code_digest(places: tuple[str, ...]) -> str:
    """Of modules and folders of the package, named by their paths in it; hexadecimal.

    Comments, docstrings and layout do not count.
    """
    files = [file for place in places for file in sorted((PACKAGE / place).rglob("*.py")) or [PACKAGE / place]]
    together = hashlib.sha256()
    for file in files:
        together.update(f"{file.relative_to(PACKAGE)}\n{meaning(file.read_text(encoding='utf-8'))}\n".encode())
    return together.hexdigest()


def meaning(source: str) -> str:
    """The syntax tree of a module without its docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            body[:] = [statement for statement in body if not _is_text(statement)]
    return ast.dump(tree)


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
