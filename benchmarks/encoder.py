"""How far the embedded encoder agrees with its teacher about style and content, on pictures that no training saw."""

from functools import cache
from itertools import product

import numpy as np
import torch
from torch import Tensor

from benchmarks.harness import Measurement, main, pictures, say
from benchmarks.quality import repaint
from impasto.evaluation.judge import read_picture, square
from impasto.perception.encoder import embedded_encoder
from impasto.perception.statistics import content_distance, style_distance, style_statistics
from impasto.perception.teacher import Teacher
from impasto.stylizers.feedforward.swift import Swift

Triples = list[tuple[Tensor, Tensor, Tensor]]
"""(picture, style, photo), each [1, 3, 256, 256]."""


@torch.no_grad()
def distances(network: torch.nn.Module, triples: Triples) -> np.ndarray:
    """Of each triple the style distance of picture and style, and the content distance of picture and photo: [N, 2]."""

    @cache
    def see(picture: Tensor) -> tuple[list[Tensor], Tensor]:
        features = network(picture)
        return style_statistics(features), features[3]

    rows = []
    for picture, style, photo in triples:
        style_left = style_distance(see(picture)[0], see(style)[0])
        rows.append((style_left.item(), content_distance(see(picture)[1], see(photo)[1]).item()))
    return np.array(rows)


def agreement(triples: Triples) -> tuple[float, float]:
    """Pearson correlation of the encoder's distances with the teacher's: of style, of content."""
    ours, theirs = (distances(network, triples) for network in (embedded_encoder(), Teacher()))
    style, content = (float(np.corrcoef(ours[:, i], theirs[:, i])[0, 1]) for i in (0, 1))
    return style, content


def measure(quick: bool = False) -> Measurement:
    photos, styles = pictures("eval/photos"), pictures("eval/styles")
    if quick:
        photos, styles = photos[:2], styles[:2]
    pairs = list(product(photos, styles))
    half = [(p, s) for (i, p), (j, s) in product(enumerate(photos), enumerate(styles)) if (i + j) % 2 == 0]
    seen = {path: square(read_picture(path)) for path in photos + styles}
    plain = [(seen[style], seen[photo], seen[style]) for photo, style in pairs]
    say(f"{len(plain)} pairs of a photo and a style")
    painted = []
    for number, (photo, style) in enumerate(half, 1):
        painted.append((square(repaint(read_picture(photo), style, Swift("draft"))), seen[style], seen[photo]))
        if number % 24 == 0:
            say(f"{number} outputs")
    figures = (*agreement(plain), *agreement(painted))
    names = ("style_pairs", "content_pairs", "style_outputs", "content_outputs")
    return Measurement(
        dict(zip(names, figures, strict=True)),
        {
            "figure": "Pearson correlation of the encoder's distances with the teacher's",
            "pairs": f"{len(plain)} pairs of a photo and a style of eval/: distances between the two",
            "outputs": f"{len(painted)} outputs of swift, preset draft, every second of the pairs: distances to both",
            "pictures": "256x256 as the judge sees them",
        },
    )


if __name__ == "__main__":
    main("encoder", measure)
