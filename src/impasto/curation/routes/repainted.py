"""A clip repainted by one of the stylizers, after a painting."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from impasto.curation.config import CurationConfig
from impasto.curation.routes.route import Order, Paints, Pair, other_subjects
from impasto.curation.styles import Painting
from impasto.guidance import Guidance
from impasto.job.hashing import hashes_of_weights
from impasto.stylizers.base import Preset, Stylizer
from impasto.stylizers.memoryshot import MemoryShot
from impasto.stylizers.registry import find_model
from impasto.video.types import Picture


@dataclass(frozen=True)
class Repainted:
    model: str

    @property
    def paints(self) -> Paints:
        return "painting"

    @property
    def summary(self) -> str:
        return f"repainted by {self.model} after a painting"

    def check(self, config: CurationConfig) -> None:
        """All settings do."""

    def make(self, order: Order) -> Pair:
        painting = order.style
        assert isinstance(painting, Painting)
        stylized = repainted(self.model, order.config.painting, painting, order.frames, order.seed)
        # The painting itself first, where it is at hand: what was painted after it is less than it.
        own = painting.picture()
        pictures = [] if own is None else [own]
        for subject in other_subjects(order, fewer=len(pictures)):
            pictures += list(repainted(self.model, order.config.painting, painting, subject.picture[None], order.seed))
        weights = hashes_of_weights(find_model(self.model))
        return Pair(order.frames, stylized, pictures, {"painted by": self.model, "weights": weights})


def repainted(
    model: str, preset: Preset, painting: Painting, frames: Sequence[Picture] | np.ndarray, seed: int
) -> np.ndarray:
    """Frames [T, H, W, 3] as one shot, repainted; raises as the stylizer does."""
    stylizer = _loaded(model, preset)
    shot = [np.divide(frame, 255, dtype=np.float32) for frame in frames]
    stylizer.prepare(Guidance(styles=(painting.style,), seed=seed), MemoryShot(shot), lambda share: None)
    return np.stack([(np.clip(rgb, 0, 1) * 255).round().astype(np.uint8) for rgb in stylizer.stylize(shot, {})])


@cache
def _loaded(model: str, preset: Preset) -> Stylizer:
    return find_model(model).load(preset)
