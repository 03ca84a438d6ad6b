"""One picture painted after a painting: by a model of ours, by InstantStyle, or by an editor."""

from collections.abc import Sequence

from impasto.curation.config import CurationConfig
from impasto.curation.editors import find_editor, is_editor
from impasto.curation.routes.repainted import repainted
from impasto.curation.styles import Painting, paintings_of
from impasto.errors import UnsupportedOption
from impasto.stylizers.registry import find_model
from impasto.video.types import Picture

INSTANT_STYLE = "instantstyle"
IN_STYLE = "Repaint this picture as {}. Keep everything that it shows, its composition and all poses."


def check_painter(name: str) -> None:
    """Raise `ModelError` or `UnsupportedOption` for what paints no picture after another."""
    if is_editor(name):
        find_editor(name)
    elif name != INSTANT_STYLE:
        capabilities = find_model(name).capabilities
        if "style" not in capabilities.takes or not capabilities.repaints:
            raise UnsupportedOption(
                f"Model {name!r} paints no picture after another; take swift, gatys, ruder or {INSTANT_STYLE}."
            )


def check_paintings(name: str, styles: Sequence[str]) -> None:
    """Raise `InputError` where a painter needs pictures and a style is a name alone."""
    if name == INSTANT_STYLE and (named := [one.name for one in paintings_of(styles) if one.style.image is None]):
        raise UnsupportedOption(
            f"{INSTANT_STYLE} needs pictures, not the named style {named[0]!r}; give --style PICTURE."
        )


def painted(picture: Picture, caption: str, painting: Painting, config: CurationConfig, seed: int) -> Picture:
    """A picture in the style of a painting; raises as what paints does.

    Args:
        caption: what the picture shows.

    Raises:
        UnsupportedOption: an editor is to paint in a style that has no words.
    """
    name = config.painter
    if name == INSTANT_STYLE:
        from impasto.curation.instantstyle import load

        style = painting.picture()
        assert style is not None, "see check_paintings"
        return load().painted(picture, caption, style, seed)
    if not is_editor(name):
        return repainted(name, config.painting, painting, picture[None], seed)[0]
    if not painting.words:
        raise UnsupportedOption(f"No words are known for the style {painting.name!r}; an editor needs some.")
    return find_editor(name)().edited(picture, IN_STYLE.format(painting.words[-1]), seed)
