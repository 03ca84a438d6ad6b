"""Who paints pairs that need no curation, and what is said of their styles."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from impasto.scenes.styles import STYLE_KINDS
from impasto.training.csdhands import Drawn
from impasto.training.csdpictures import painting_captions
from impasto.training.stylewords import medium_text, painting_text

StyleHand = Drawn | Path
"""By code, or the painting in whose style `swift` paints."""


def hand_of(
    number: int, numbers: range, swift: float, paintings: Sequence[Path], rng: np.random.Generator
) -> StyleHand:
    """A random hand.

    Args:
        number: of the hand, by which kinds of style that are made by code are gone through.
        numbers: of the hands of each kind.
        swift: share of the hands that paint after a painting, where there are any.
    """
    drawn = Drawn(STYLE_KINDS[number % len(STYLE_KINDS)], numbers.start + int(rng.integers(len(numbers))))
    return paintings[int(rng.integers(len(paintings)))] if rng.random() < swift and paintings else drawn


def style_name(hand: StyleHand) -> str:
    return hand.stem if isinstance(hand, Path) else f"{hand.kind}-{hand.number}"


def painter_name(hand: StyleHand) -> str:
    """How the name of a route ends."""
    return "swift" if isinstance(hand, Path) else "drawn"


def style_words(hand: StyleHand, rng: np.random.Generator) -> str:
    """Some of what may be said of the style."""
    if isinstance(hand, Path):
        return painting_text(_captions()[hand.stem], False, rng)
    return medium_text(hand.kind, rng)


@cache
def _captions() -> dict[str, dict[str, Any]]:
    return painting_captions()
