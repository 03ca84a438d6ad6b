"""What a vision-language model is: pictures and a question in, words out."""

from collections.abc import Sequence
from typing import Protocol

from impasto.video.types import Picture


class VisionLanguage(Protocol):
    def __call__(self, pictures: Sequence[Picture], question: str) -> str:
        """Its answer, the likeliest words; raises `ImpastoError` where there is none."""
        ...
