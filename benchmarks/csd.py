"""How well csd-nano tells style from content, on photos repainted by `gatys`, against raw features of the encoder."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from benchmarks.harness import Measurement, main, say
from impasto.evaluation.descriptors.paintedset import PaintedSet, SetConfig
from impasto.evaluation.descriptors.probe import RIDGE, above_chance, linear_probe
from impasto.evaluation.descriptors.raw import raw_descriptors, standardised, whitened
from impasto.evaluation.descriptors.retrieval import mean_average_precision, recall_at
from impasto.evaluation.metrics.nano import RESIZE, nano_features
from impasto.perception.csdnano import embedded_csd_nano
from impasto.stylizers.optimization.config import PaintingConfig
from impasto.stylizers.optimization.gatys import GatysConfig

STYLE_BASELINES = ("statistics",)
CONTENT_BASELINES = ("statistics", "relu5_1 mean")
"""Without places: painted photos keep their layout, so that features place by place find them without fail."""
SMALLEST = 1e-3
"""A smaller baseline counts as this, so that a ratio exists."""
STRENGTHS = {"": 1.0, "_half": 0.5}
"""By the end of a figure's name. At full strength `gatys` brings the raw statistics to the style's own, so that nothing
is left for another descriptor to do better."""
TREATMENTS = {"raw": lambda descriptors: descriptors, "standardised": standardised, "whitened": whitened}
QUICK = SetConfig(photos=2, paintings=2, kinds=(), side=64, gatys=GatysConfig(PaintingConfig(iterations=2, levels=1)))


@dataclass(frozen=True)
class Found:
    """Of the pictures at one strength of the paint."""

    figures: dict[str, tuple[float, float]]
    """Ours and the baseline's."""
    detail: dict[str, Any]

    def ratios(self) -> dict[str, float]:
        return {
            f"{name.removesuffix('_error')}_ratio": ours / max(theirs, SMALLEST)
            for name, (ours, theirs) in self.figures.items()
        }


@torch.no_grad()
def describe(painted: PaintedSet, strength: float) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    """Style and content vectors of all pictures, and the raw descriptors, as they come and brought to one scale."""
    net = embedded_csd_nano()
    styles, contents, raws = [], [], []
    for frame in painted.frames(strength):
        features = nano_features(frame)
        vectors = net(features)
        styles.append(vectors.style[0])
        contents.append(vectors.content[0])
        raws.append(raw_descriptors(features))
    tables = {name: torch.stack([raw[name] for raw in raws]) for name in raws[0]}
    raw = {f"{name}, {how}": treat(table) for name, table in tables.items() for how, treat in TREATMENTS.items()}
    return torch.stack(styles), torch.stack(contents), raw


def errors(descriptors: dict[str, Tensor], labels: Tensor, names: tuple[str, ...]) -> dict[str, float]:
    """1 - mAP of those descriptors whose name begins with one of the names."""
    return {
        name: 1 - mean_average_precision(table, labels) for name, table in descriptors.items() if name.startswith(names)
    }


def look(painted: PaintedSet, strength: float) -> Found:
    """What is found by which descriptor."""
    style_labels, photo_labels = painted.labels()
    styles, contents, raw = describe(painted, strength)
    style_raw = errors(raw, style_labels, STYLE_BASELINES)
    content_raw = errors(raw, photo_labels, CONTENT_BASELINES)

    def probe(descriptors: Tensor) -> float:
        accuracy = linear_probe(descriptors, style_labels, photo_labels % 2)
        return above_chance(accuracy, int(style_labels.max()) + 1)

    probes = {name: probe(table) for name, table in raw.items() if name.endswith(", raw")}
    return Found(
        {
            "style_error": (1 - mean_average_precision(styles, style_labels), min(style_raw.values())),
            "content_error": (1 - mean_average_precision(contents, photo_labels), min(content_raw.values())),
            "probe": (probe(contents), min(probes[f"{name}, raw"] for name in CONTENT_BASELINES)),
        },
        {
            "raw style": {name: round(error, 4) for name, error in style_raw.items()},
            "raw content": {name: round(error, 4) for name, error in errors(raw, photo_labels, ("",)).items()},
            "raw probes": {name: round(share, 4) for name, share in probes.items()},
            "recall at 1": {
                "style": round(recall_at(styles, style_labels, 1), 4),
                "content": round(recall_at(contents, photo_labels, 1), 4),
            },
        },
    )


def measure(quick: bool = False) -> Measurement:
    config = QUICK if quick else SetConfig()
    embedded_csd_nano()  # what is missing is said before an hour of painting
    painted = PaintedSet(config)
    for number, name in enumerate(painted.paint(), 1):
        say(f"painted {number}: {name}")
    found = {suffix: look(painted, strength) for suffix, strength in STRENGTHS.items()}
    figure: dict[str, float] = {}
    for suffix, at in found.items():
        values = at.ratios() | {name: ours for name, (ours, _) in at.figures.items()}
        values |= {f"{name}_raw": theirs for name, (_, theirs) in at.figures.items()}
        figure |= {name + suffix: value for name, value in values.items()}
    count = len(painted.labels()[0])
    return Measurement(
        figure,
        {
            "pictures": f"{count}: each of {config.photos} photos of eval/photos in {config.paintings} pictures "
            f"of eval/styles and {len(config.kinds)} styles made by code ({', '.join(config.kinds)}; no training has "
            f"their kind), painted by gatys at a short side of {config.side}; seen: {RESIZE}",
            "gatys": f"{config.gatys}",
            "strengths": {suffix or "as painted": strength for suffix, strength in STRENGTHS.items()},
            "error": "1 - mean average precision, leave-one-out, by cosine; all other pictures are searched",
            "raw": f"baselines are the best of {STYLE_BASELINES} for style and of {CONTENT_BASELINES} for content, "
            "also standardised and whitened by the pictures themselves, which only helps them",
            "probe": "share of styles named above chance from content vectors, by ridge regression on every second "
            f"photo for the others and the other way round (penalty {RIDGE} of the mean squared length); baseline: "
            f"the one of {CONTENT_BASELINES} that tells least",
            **{f"detail{suffix}": at.detail for suffix, at in found.items()},
        },
    )


if __name__ == "__main__":
    main("csd", measure)
