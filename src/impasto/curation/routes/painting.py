"""One picture painted after a painting: by a model of ours, or by an editor behind an address."""

from impasto.curation.config import CurationConfig
from impasto.curation.endpoint import Endpoint, is_address
from impasto.curation.routes.repainted import repainted
from impasto.curation.styles import Painting
from impasto.errors import UnsupportedOption
from impasto.stylizers.registry import find_model
from impasto.video.types import Picture

IN_STYLE = "Repaint this picture as {}. Keep everything that it shows, its composition and all poses."


def check_painter(name: str) -> None:
    """Raise `ModelError` or `UnsupportedOption` for what paints no picture after another."""
    if is_address(name):
        Endpoint(name)
    elif "style" not in (model := find_model(name)).capabilities.takes or not model.capabilities.repaints:
        raise UnsupportedOption(f"Model {name!r} paints no picture after another; take swift, gatys or ruder.")


def painted(picture: Picture, painting: Painting, config: CurationConfig, seed: int) -> Picture:
    """A picture in the style of a painting; raises as what paints does.

    Raises:
        UnsupportedOption: an editor is to paint in a style that has no words.
    """
    if not is_address(config.painter):
        return repainted(config.painter, config.painting, painting, picture[None], seed)[0]
    if not painting.words:
        raise UnsupportedOption(f"No words are known for the style {painting.name!r}; an editor needs some.")
    return editor(config.painter).edited(picture, IN_STYLE.format(painting.words[-1]), seed)


def editor(address: str) -> Endpoint:
    """What edits pictures by instructions; raises `UnsupportedOption` where the address is none."""
    if not is_address(address):
        raise UnsupportedOption(
            f"{address!r} is no editor; give an address such as http://localhost:8000/v1#qwen-image-edit."
        )
    return Endpoint(address)
