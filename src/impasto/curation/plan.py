"""Which pairs are to be made, and whether a folder is of the same settings."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from impasto.curation.clips import Clip
from impasto.curation.config import CurationConfig
from impasto.curation.item import Item
from impasto.curation.routes import find_route
from impasto.curation.routes.route import Paints
from impasto.curation.styles import Hand, Own, Painting, hand_of, paintings_of
from impasto.curation.vlm import find_vlm
from impasto.errors import InputError, OutputProblem
from impasto.evaluation.textfiles import write_json
from impasto.job.plain import plain
from impasto.job.settings import changes

SETTINGS = "curation.json"
FREE = ("limits", "reviewed")
"""Settings that decide what is kept and not what is made: they may change from run to run."""


def items_of(clips: Sequence[Clip], config: CurationConfig) -> list[Item]:
    """The pairs of all clips; what is made of a clip hangs on its name alone, so that more clips change nothing.

    Raises:
        InputError: a route, a style or something that they are made with does not exist.
        ModelError: a network is missing.
    """
    routes = [(name, find_route(name)) for name in config.routes]
    for _, route in routes:
        route.check(config)
    if config.vlm:
        find_vlm(config.vlm)
    paintings = paintings_of(config.styles) if any(route.paints == "painting" for _, route in routes) else []
    items = {}
    for clip in clips:
        chance = int(hashlib.sha256(clip.name.encode()).hexdigest()[:12], 16)
        for number in range(config.pairs):
            name, route = routes[(chance + number) % len(routes)]
            place = chance // len(routes) + number
            style = _style(route.paints, clip, place, paintings)
            item = Item(clip=clip, route=name, style=style)
            items[item.key] = item
    return list(items.values())


def _style(paints: Paints, clip: Clip, place: int, paintings: Sequence[Painting]) -> Hand | Painting | Own:
    if paints == "hand":
        return hand_of(place)
    if paints == "painting":
        return paintings[place % len(paintings)]
    words = clip.style()
    return Own((words,) if words else (), clip.licence)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a folder was begun with."""

    sources: tuple[str, ...]
    config: CurationConfig


def read_settings(folder: Path) -> Settings | None:
    """Those of a folder; None where nothing was begun in it. Raises `OutputProblem` where they cannot be read."""
    path = folder / SETTINGS
    if not path.exists():
        return None
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        config: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in told["config"].items()
        }
        return Settings(sources=tuple(told["sources"]), config=CurationConfig(**config))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OutputProblem(f"{str(path)!r} cannot be read ({error!r}); choose another folder.") from error


def begin(folder: Path, settings: Settings) -> None:
    """Make the folder, or go on in it.

    Raises:
        OutputProblem: it is of settings that differ (says which), or holds something else.
    """
    before = read_settings(folder)
    if before is None and folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputProblem(f"{str(folder)!r} exists and is no folder of pairs; choose another name.")
    if before is not None:
        changed = changes(_fixed(before.config), _fixed(settings.config))
        if changed:
            raise OutputProblem(
                f"The pairs in {str(folder)!r} are of other settings ({'; '.join(changed)}); choose another folder."
            )
    if not settings.sources:
        raise InputError("Nothing to make pairs of: give videos, folders of them, or scenes such as world:40.")
    write_json(folder / SETTINGS, settings)


def _fixed(config: CurationConfig) -> dict[str, str]:
    told = plain(config)
    return {name: str(value) for name, value in told.items() if name not in FREE}
