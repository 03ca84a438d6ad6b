"""The texts on which the text encoder is trained: drawn from a grammar that knows the captions of the data folder too.

What is drawn depends on a seed alone: with the number of the step as seed, a training that was stopped goes on as if it
was not.
"""

import json
import random
import re
from typing import Any

from impasto.errors import ModelError
from impasto.training.namedstyles import paintings
from impasto.training.phrasegrammar import RULES, parse
from impasto.weights.paths import assets_dir

SLOT = re.compile(r"{([a-z ]+)}")
COMMON, KNOWN = 2000, 8000
"""Words of a vocabulary, most frequent first, that come up more often than the others."""
NEIGHBOURS = 0.25
"""Share of the phrases that differ from another of the same draw by a word or two: small changes of meaning."""


class Phrases:
    """Draws phrases.

    Args:
        known: alternatives of the rules that the grammar uses but does not have, as `known_texts` gives them.
        words: of general language, most frequent first.
    """

    def __init__(self, known: dict[str, list[str]], words: list[str]) -> None:
        self.words = words
        lists = {"common word": words[:COMMON], "known word": words[:KNOWN], "any word": words}
        self._rules = parse(RULES) | known | lists

    def draw(self, seed: str, count: int) -> list[str]:
        """So many phrases; for the same seed always the same."""
        rng = random.Random(seed)
        whole = [self._expand(rng) for _ in range(count - round(count * NEIGHBOURS))]
        return whole + [self._neighbour(rng.choice(whole), rng) for _ in range(count - len(whole))]

    def _expand(self, rng: random.Random) -> str:
        text = "{phrase}"
        while slots := SLOT.search(text):
            text = text[: slots.start()] + rng.choice(self._rules[slots[1]]) + text[slots.end() :]
        return re.sub(r"\ba(?= [aeiou])", "an", text)

    def _neighbour(self, text: str, rng: random.Random) -> str:
        """The text with a word left out or replaced, or with two that changed places."""
        words = text.split()
        one, other = rng.randrange(len(words)), rng.randrange(len(words))
        match rng.randrange(3):
            case 0:
                words[one] = rng.choice(self.words)
            case 1:
                words[one], words[other] = words[other], words[one]
            case _:
                del words[one]
        return " ".join(words)


def known_texts() -> dict[str, list[str]]:
    """What the captions, the labels and the named styles give to the grammar.

    Raises:
        ModelError: the data folder has no captions or labels.
    """
    captions, photos = _lines("styles/captions.jsonl"), _lines("photos/labels.jsonl")
    works = captions + [vars(painting.style) for painting in paintings()]
    return {
        "caption": _column("caption", captions),
        "title": _column("title", works),
        "artist": sorted({re.sub(r" *\(.*", "", artist) for artist in _column("artist", works)}),
        "school": [movement.lower() for movement in _column("movement", works)],
        "museum medium": [medium.lower() for medium in _column("medium", captions)],
        "class": _column("label", photos),
    }


def _column(key: str, rows: list[dict[str, Any]]) -> list[str]:
    return sorted({row[key] for row in rows if row.get(key)})


def _lines(name: str) -> list[dict[str, Any]]:
    path = assets_dir() / name
    if not path.is_file():
        raise ModelError(f"The texts to train on are missing: {path}; set IMPASTO_ASSETS (see docs/data.md).")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
