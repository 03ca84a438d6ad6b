"""All that decides the pixels of a run, flat and by name, so that two runs can be told apart in words."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from impasto.job.hashing import Hashes
from impasto.job.journal import Settings
from impasto.job.request import Request
from impasto.job.versions import package_versions
from impasto.video.formats import OutputFormat

_SHOWN = 8
"""Digits of a hash that a sentence shows."""


def settings_of(request: Request, fmt: OutputFormat, hashes: Hashes) -> Settings:
    """The settings of a request: hashes of what is read, guidance, model, format, versions of the packages."""
    asked = {
        "input": hashes.input and f"sha256 {hashes.input}",
        "canvas": None if hashes.input else request.source,
        "": request.guidance,
        "model": Path(request.model).name,
        "preset": request.preset,
        "weights": {Path(name).name: f"sha256 {digest}" for name, digest in hashes.weights.items()},
        "output": fmt,
        "fps": request.fps,
        "shots": request.shots and request.shots.shots,
        "version of": package_versions(),
    }
    return {name: value for key, item in asked.items() for name, value in _flat(key, item, hashes.pictures)}


def changes(before: Settings, after: Settings) -> list[str]:
    """What differs, each as `name: before -> after`."""
    names = [*before, *(name for name in after if name not in before)]
    return [
        f"{name}: {_shown(before.get(name))} -> {_shown(after.get(name))}"
        for name in names
        if before.get(name) != after.get(name)
    ]


def _flat(name: str, value: Any, pictures: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The leaves of a value, with names made of the keys on the way; what is None or empty is left out."""
    if dataclasses.is_dataclass(value):
        value = {field.name.replace("_", " "): getattr(value, field.name) for field in dataclasses.fields(value)}
    elif isinstance(value, tuple):
        value = {str(number): item for number, item in enumerate(value, 1)}
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{name} {key}".strip(), item, pictures)
    elif isinstance(value, Path):
        # The same picture under another name paints the same.
        yield name, f"sha256 {pictures[str(value)]}"
    elif value is not None:
        yield name, str(value)


def _shown(value: str | None) -> str:
    if value is None:
        return "none"
    kind, _, digest = value.partition(" ")
    return f"{kind} {digest[:_SHOWN]}" if kind == "sha256" else value
