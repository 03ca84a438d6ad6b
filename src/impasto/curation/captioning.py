"""Words for what a clip shows, none for how it looks; and answers to questions.

Legend: T frames, H height, W width. Frames are uint8 RGB.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Protocol

import numpy as np

from impasto.errors import InputError, UnsupportedOption

FILES = "files"
INSTRUCTION = (
    "Describe what this video shows in one sentence of at most 30 words: who or what is there, what it does, where, "
    "and how the camera moves. Do not mention style, medium, palette, texture, tone or mood."
)
"""DreamStyle's captions without style (2026, section 4) must not tell of these."""
STYLE_WORDS = (
    "style|stylized|stylised|painting|painted|drawing|drawn|sketch|sketched|watercolou?r|artwork|artistic|illustration|"
    "cartoon|anime|photo|photograph|photographic|photorealistic|cinematic|palette|texture|textured|monochrome|tones?|hue"
)


class Captioner(Protocol):
    def caption(self, frames_THW3: np.ndarray) -> str:
        """What a clip shows; raises `ImpastoError`."""
        ...

    def answer(self, question: str, raw_THW3: np.ndarray, stylized_THW3: np.ndarray) -> float:
        """How sure it is of yes, 0..1, on a pair; raises `ImpastoError`."""
        ...


class Files:
    """Knows only what lies beside a clip."""

    def caption(self, frames_THW3: np.ndarray) -> str:
        raise InputError(
            "Nothing says what the clip shows: put NAME.txt beside NAME.mp4, or let --captions name what looks at it."
        )

    def answer(self, question: str, raw_THW3: np.ndarray, stylized_THW3: np.ndarray) -> float:
        raise InputError("Questions need somebody to answer them; let --captions name what looks at clips.")


@cache
def find_captioner(name: str) -> Captioner:
    """What captions clips, by name, loaded once.

    Raises:
        UnsupportedOption: there is none of that name.
        ModelError: its weights are missing.
    """
    if name == FILES:
        return Files()
    raise UnsupportedOption(f"Nothing that captions is called {name!r}; choose {FILES}.")


def plain_caption(text: str) -> str:
    """The caption in one line; raises `InputError` where it tells of style, as it must not."""
    text = " ".join(text.split()).strip("\"' ")
    found = re.search(rf"\b({STYLE_WORDS})\b", text, re.IGNORECASE)
    if found or not text:
        wrong = f"tells of style ({found[0]!r})" if found else "is empty"
        raise InputError(f"The caption {text!r} {wrong}; caption the clip by hand, in NAME.txt beside it.")
    return text


def least_sure(captioner: Captioner, questions: Sequence[str], raw: np.ndarray, stylized: np.ndarray) -> float:
    """The least sure yes to the questions."""
    return min(captioner.answer(question, raw, stylized) for question in questions)
