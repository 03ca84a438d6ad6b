"""What a vision-language model is asked of clips: captions with and without style, and questions that decide.

DreamStyle asks one for both captions and filters by it (2026, section 4); its words are not published.

Legend: T frames, H height, W width. Frames are uint8 RGB.
"""

import numpy as np

from impasto.curation.quality import moments
from impasto.curation.routes.route import Pair
from impasto.curation.vlm.model import VisionLanguage
from impasto.video.types import Picture

PLAIN = (
    "These are frames of one video, in order. Say in one sentence what it shows: who or what, where, and how it moves. "
    "Say nothing of style, medium, palette, colour tone, texture or mood, and do not mention frames or a video."
)
STYLED = (
    "These are frames of one video, in order. Say in one sentence what it shows and in what artistic style it is "
    "painted: medium, palette, strokes. Do not mention frames or a video."
)
SAME = "Do both pictures show the same things in the same places, whatever their style? Answer yes or no."
ALIKE = "Is the first picture painted in the same artistic style as the second? Answer yes or no."
WHOLE = "Is everything in the picture whole, without broken limbs, faces or objects? Answer yes or no."


def plain_caption(vlm: VisionLanguage, frames_THW3: np.ndarray) -> str:
    """What a clip shows, without a word of style."""
    return vlm(_some(frames_THW3), PLAIN)


def styled_caption(vlm: VisionLanguage, frames_THW3: np.ndarray) -> str:
    """What a clip shows, and how it is painted."""
    return vlm(_some(frames_THW3), STYLED)


def answers(vlm: VisionLanguage, pair: Pair) -> float:
    """Share of the questions about a pair that are answered with yes; of its middle frames."""
    middle = len(pair.raw) // 2
    raw, stylized = pair.raw[middle], pair.stylized[middle]
    asked: list[tuple[list[Picture], str]] = [([raw, stylized], SAME), ([stylized], WHOLE)]
    asked += [([stylized, picture], ALIKE) for picture in pair.pictures[:1]]
    return float(np.mean([_says_yes(vlm(pictures, question)) for pictures, question in asked]))


def _says_yes(answer: str) -> bool:
    return answer.strip().strip("\"'*.").lower().startswith("yes")


def _some(frames_THW3: np.ndarray) -> list[Picture]:
    return [frames_THW3[number] for number in moments(len(frames_THW3))]
