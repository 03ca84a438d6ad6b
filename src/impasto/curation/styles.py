"""In what style a pair is made: by a hand made by code, or after a painting."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from impasto.curation.clips import OURS
from impasto.curation.sidecars import licence_beside, row_beside, words_beside
from impasto.guidance import Style
from impasto.scenes.styles import STYLE_KINDS
from impasto.stylizers.feedforward.styles import check_style_name, named_styles
from impasto.training.csdhands import Drawn
from impasto.training.csdpictures import artist_name
from impasto.training.stylewords import MEDIA, in_style
from impasto.video.pictures import PICTURE_SUFFIXES, is_picture, read_style_picture
from impasto.video.types import Picture

HANDS = 40
"""Different hands of each kind."""
LONGEST = 1024
"""Side of a style picture in a sample, pixels, at most."""


@dataclass(frozen=True)
class Hand:
    """One style of a kind that is made by code: it draws every picture alike."""

    kind: str
    number: int

    licence = OURS

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.number:02d}"

    @property
    def words(self) -> tuple[str, ...]:
        return MEDIA[self.kind]

    @property
    def lineage(self) -> dict[str, Any]:
        return {"made by": "code", "kind": self.kind, "number": self.number}

    def over(self, subject: Picture) -> Picture:
        return Drawn(self.kind, self.number).over(subject)


@dataclass(frozen=True)
class Painting:
    """A picture that others are painted after."""

    style: Style
    """A file or a named style."""
    words: tuple[str, ...]
    """What one may call the style; none where nothing is known."""
    licence: str

    @property
    def name(self) -> str:
        return self.style.name or Path(str(self.style.image)).stem

    @property
    def lineage(self) -> dict[str, Any]:
        return {"made by": "a painter", "picture": str(self.style.image or self.style.name)}

    def picture(self) -> Picture | None:
        """The picture itself, no side over `LONGEST`; None for a named style."""
        if self.style.image is None:
            return None
        rgb = read_style_picture(self.style.image)
        ratio = min(1.0, LONGEST / max(rgb.shape[:2]))
        size = max(1, round(rgb.shape[1] * ratio)), max(1, round(rgb.shape[0] * ratio))
        return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(frozen=True)
class Own:
    """The style that a video has already."""

    words: tuple[str, ...]
    """What one may call it; none where nothing is known."""
    licence: str

    name = "own"

    @property
    def lineage(self) -> dict[str, Any]:
        return {"made by": "whoever made the clip"}


def hand_of(number: int) -> Hand:
    """The hands one after the other, all kinds before a kind comes again."""
    turn, kind = divmod(number, len(STYLE_KINDS))
    return Hand(STYLE_KINDS[kind], turn % HANDS)


def paintings_of(given: Sequence[str]) -> list[Painting]:
    """Pictures, those of folders too, and names of styles, as given; all named styles where nothing is.

    Raises:
        InputError: something is neither a file nor a named style, or what lies beside a picture cannot be read.
    """
    found = []
    for text in given or tuple(named_styles()):
        path = Path(text)
        if path.is_dir():
            found += [_pictured(file) for file in sorted(path.iterdir()) if file.suffix.lower() in PICTURE_SUFFIXES]
        elif path.is_file() and is_picture(path):
            found.append(_pictured(path))
        else:
            check_style_name(text)
            named = named_styles()[text]
            words = (
                named.movement.lower(),
                f"{named.movement.lower()} by {named.artist}",
                f"a painting by {named.artist}",
            )
            found.append(Painting(Style(name=text), words, named.licence))
    return found


def said(caption: str, words: Sequence[str], rng: np.random.Generator) -> str:
    """A caption with words for its style; empty where there are no words."""
    if not words:
        return ""
    return in_style(caption, words[int(rng.integers(len(words)))], rng)


def _pictured(path: Path) -> Painting:
    row, words = row_beside(path), ()
    kinds = ", ".join(row[key].lower() for key in ("movement", "medium") if row.get(key))
    artist = artist_name(row) if row.get("artist") else ""
    if kinds or artist:
        words = tuple(filter(None, (kinds, f"a painting by {artist}" if artist else "")))
    elif beside := words_beside(path):
        words = (beside,)
    return Painting(Style(image=path), words, licence_beside(path))
