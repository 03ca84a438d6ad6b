"""The same scene drawn again: every frame by one hand made by code, steadied along the motion.

Of a rendered scene the pair is exact, since nothing but the marks differ.
"""

import numpy as np

from impasto.curation.config import CurationConfig
from impasto.curation.routes.route import Order, Paints, Pair, other_subjects
from impasto.curation.styles import Hand
from impasto.motion.stabilize import Stabilizer


class Redrawn:
    paints: Paints = "hand"
    summary = "every frame drawn by one hand made by code, steadied"

    def check(self, config: CurationConfig) -> None:
        """All settings do."""

    def make(self, order: Order) -> Pair:
        hand = order.style
        assert isinstance(hand, Hand)
        # Marks that are placed anew in each frame would teach to flicker.
        stabilizer = Stabilizer()
        drawn = [_bytes(stabilizer(_unit(frame), _unit(hand.over(frame)))) for frame in order.frames]
        pictures = [hand.over(subject.picture) for subject in other_subjects(order)]
        return Pair(order.frames, np.stack(drawn), pictures, {"painted by": "a hand made by code"})


def _unit(rgb: np.ndarray) -> np.ndarray:
    return np.divide(rgb, 255, dtype=np.float32)


def _bytes(rgb: np.ndarray) -> np.ndarray:
    return (np.clip(rgb, 0, 1) * 255).round().astype(np.uint8)
