"""Lets a whole folder stand in the navigation of mkdocs.yml, so that a new card or decision needs no line there."""

from pathlib import Path
from typing import Any


def on_config(config: Any) -> Any:
    """Called by mkdocs: every `FOLDER/*` becomes the pages in it, by name."""
    config.nav = _expanded(config.nav, Path(config.docs_dir))
    return config


def _expanded(item: Any, docs: Path) -> Any:
    if isinstance(item, list):
        return [_expanded(each, docs) for each in item]
    if isinstance(item, dict):
        return {title: _expanded(each, docs) for title, each in item.items()}
    return [page.relative_to(docs).as_posix() for page in sorted(docs.glob(f"{item}.md"))] if item[-1] == "*" else item
