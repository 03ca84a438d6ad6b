"""DreamStyle's own way: the first frame repainted, and both sides set moving by one network under the same controls.

A real clip beside a painted one that a network made would move otherwise; so the raw side is made anew as well (2026,
section 4).

Legend: T frames, H height, W width. Frames are uint8 RGB.
"""

import numpy as np

from impasto.curation.animators import find_animator
from impasto.curation.animators.animator import Motion
from impasto.curation.config import CurationConfig
from impasto.curation.routes.painting import check_painter, check_paintings, painted
from impasto.curation.routes.route import Order, Paints, Pair, control_pictures, other_subjects
from impasto.curation.styles import Painting


class Animated:
    paints: Paints = "painting"
    summary = "the first frame repainted, both sides set moving under the same depth and pose"

    def check(self, config: CurationConfig) -> None:
        """The painter and the animator must be there; see `impasto.curation.routes.route.Route`."""
        check_painter(config.painter)
        check_paintings(config.painter, config.styles)
        find_animator(config.animator)

    def make(self, order: Order) -> Pair:
        painting, config = order.style, order.config
        assert isinstance(painting, Painting)
        controls = control_pictures(order)
        animate = find_animator(config.animator)(tuple(controls))
        first, seed = order.frames[0], order.seed

        def moving(picture: np.ndarray, text: str) -> np.ndarray:
            # The same noise for both, so that what no control tells is alike as well.
            return animate(Motion(first=picture, text=text, controls=controls, seed=seed))

        raw = moving(first, order.caption)
        stylized = moving(painted(first, order.caption, painting, config, order.seed), order.caption_styled)
        own = painting.picture()
        pictures = [] if own is None else [own]
        pictures += [
            painted(*subject, painting, config, order.seed) for subject in other_subjects(order, fewer=len(pictures))
        ]
        lineage = {"first frame by": config.painter, "controls": [*controls], **animate.lineage}
        return Pair(raw, stylized, pictures, lineage)
