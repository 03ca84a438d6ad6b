"""How far the embedded encoder agrees with its teacher about style and content, on pictures that no training saw."""

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


class Eye:
    """Statistics and relu4_1 of pictures as one of the two networks sees them."""

    def __init__(self, network: torch.nn.Module) -> None:
        self.network = network

    @torch.no_grad()
    def __call__(self, picture_1CHW: Tensor) -> tuple[list[Tensor], Tensor]:
        features = self.network(picture_1CHW)
        return style_statistics(features), features[3]


def distances(eye: Eye, triples: list[tuple[Tensor, Tensor, Tensor]]) -> np.ndarray:
    """For each (picture, style, photo): style distance to the style and content distance to the photo, [N, 2]."""
    rows = []
    for picture, style, photo in triples:
        (seen, content), (wanted, _), (_, source) = eye(picture), eye(style), eye(photo)
        rows.append((style_distance(seen, wanted).item(), content_distance(content, source).item()))
    return np.array(rows)


def agreement(triples: list[tuple[Tensor, Tensor, Tensor]]) -> tuple[float, float]:
    """Pearson correlation of the encoder's distances with the teacher's: of style, of content."""
    ours, theirs = (distances(Eye(network), triples) for network in (embedded_encoder(), Teacher()))
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
        painted.append((square(repaint(read_picture(photo), style, "draft")), seen[style], seen[photo]))
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
