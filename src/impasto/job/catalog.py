"""What the package offers, as plain facts."""

from collections.abc import Sequence
from dataclasses import dataclass

from impasto.errors import ModelError
from impasto.stylizers.base import Model
from impasto.stylizers.registry import find_model, models
from impasto.weights.hub import folder
from impasto.weights.paths import weights_files

FOUND = 10
"""Styles that a search gives."""


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    name: str
    family: str
    summary: str
    licence: str
    source: str
    """Where the weights come from: embedded, hub or file."""
    experimental: bool
    """Not yet measured to be as good as it should be."""
    presets: tuple[str, ...]
    takes: tuple[str, ...]
    """Kinds of guidance."""
    makes_clips: bool
    """From the guidance alone, with nothing to repaint."""
    weights_bytes: int | None
    """Of all its files; None where one is missing on this machine."""


@dataclass(frozen=True, kw_only=True)
class StyleFacts:
    name: str
    title: str
    artist: str
    licence: str
    preview: str
    """Path of a picture."""


def model_facts(files: Sequence[str] = ()) -> list[ModelFacts]:
    """All models, by name; or those of files that `impasto learn` made."""
    return [
        ModelFacts(
            name=model.name,
            family=model.family,
            summary=model.summary,
            licence=model.licence,
            source=model.source,
            experimental=model.experimental,
            presets=model.capabilities.presets,
            takes=tuple(sorted(model.capabilities.takes)),
            makes_clips=model.capabilities.canvas is not None,
            weights_bytes=weights_bytes(model),
        )
        for model in ([find_model(file) for file in files] or models().values())
    ]


def weights_bytes(model: Model) -> int | None:
    """Bytes of the weights of a model; None where a file is missing."""
    try:
        folders = [(folder(published), published.files) for published in model.hub]
        files = weights_files(model.weights)
        files += [place / file.name for place, wanted in folders for file in wanted]
        return sum(file.stat().st_size for file in files)
    except ModelError:
        return None


def style_facts(search: str | None = None) -> list[StyleFacts]:
    """All named styles, by name; or those that a description fits best, the best first."""
    from impasto.stylizers.feedforward.styles import named_styles

    styles = named_styles()
    if search is not None:
        from impasto.stylizers.feedforward.stylesearch import fitting_styles

        styles = {name: styles[name] for name in fitting_styles(search)[:FOUND]}
    return [
        StyleFacts(
            name=style.name,
            title=style.title,
            artist=style.artist,
            licence=style.licence,
            preview=str(style.preview),
        )
        for style in styles.values()
    ]
