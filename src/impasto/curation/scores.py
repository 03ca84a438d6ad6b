"""What is measured of a pair.

Legend: T frames, H height, W width, D numbers of a vector. Frames are uint8 RGB.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
import torch

from impasto.curation.quality import PAIRS, moments
from impasto.curation.routes.route import Pair
from impasto.evaluation.metrics.hub.dino import dinov2
from impasto.evaluation.metrics.hub.models import DINOV2_B14
from impasto.evaluation.metrics.nano import nano_features
from impasto.evaluation.metrics.structure import patch_similarity, structure_nano
from impasto.evaluation.warp_error import warp_error
from impasto.motion.flow import DisFlow, Flow, gray
from impasto.perception.csdnano import embedded_csd_nano
from impasto.weights.hub import folder

STILL = 0.1
"""Pixels a frame by which flows may differ where nothing moves."""


@dataclass(frozen=True)
class PairScores:
    scores: dict[str, float]
    """By the keys of `PAIR_FILTERS`; and `flicker_raw`, that of the raw clip."""
    style: np.ndarray
    """[D], style vector of the stylized clip: with it false accepts are counted over all pairs."""
    pictures: np.ndarray
    """[D], mean style vector of the style pictures."""


@torch.no_grad()
def pair_scores(pair: Pair, structure: Literal["nano", "dino"] = "nano") -> PairScores:
    """Measure a pair.

    Args:
        structure: `dino` measures structure by DINOv2 as well.

    Raises:
        ModelError: DINOv2 is missing.
        InputError: it cannot be measured, as no pixel of it can be followed.
    """
    net, numbers = embedded_csd_nano(), moments(len(pair.raw))
    raw, stylized = ([nano_features(_unit(side[n])) for n in numbers] for side in (pair.raw, pair.stylized))
    pictures = [nano_features(_unit(picture)) for picture in pair.pictures]
    ours, theirs = (torch.cat([net.style(each) for each in seen]) for seen in (stylized, pictures))
    shown, referred = (torch.cat([net.content(each) for each in seen]) for seen in (raw, pictures))
    warped = warp_error(pair.raw, pair.stylized)
    scores = {
        "csd": float((ours @ theirs.T).mean()),
        "leak": float((shown @ referred.T).max()),
        "structure": float(np.mean([structure_nano(*each) for each in zip(raw, stylized, strict=True)])),
        "flicker": warped.output,
        "flicker_raw": warped.source,
        "agreement": motion_agreement(pair.raw, pair.stylized),
    }
    if structure == "dino":
        see = dinov2(folder(DINOV2_B14)).patches
        sides = [[see(_unit(side[n])) for n in numbers] for side in (pair.raw, pair.stylized)]
        scores["dino"] = float(np.mean([patch_similarity(*each) for each in zip(*sides, strict=True)]))
    return PairScores(scores, ours.mean(0).numpy(), theirs.mean(0).numpy())


def motion_agreement(raw_THW3: np.ndarray, stylized_THW3: np.ndarray) -> float:
    """How alike both sides move: 1 where they move alike or not at all, 0 where one moves and the other does not.

    `1 - sum |f - g| / sum (|f| + |g| + STILL)` over pixels and some pairs of frames, f and g the flows of the sides.
    """
    estimate, apart, moved = DisFlow("medium"), 0.0, 0.0
    sides = [list(pairwise(gray(frame) for frame in side)) for side in (raw_THW3, stylized_THW3)]
    for number in moments(len(sides[0]), PAIRS):
        first, second = (estimate(*side[number]) for side in sides)
        apart += float(_lengths(first - second).sum())
        moved += float((_lengths(first) + _lengths(second) + STILL).sum())
    return max(0.0, 1 - apart / moved)


def mismatched(
    style_ND: Sequence[np.ndarray] | np.ndarray, pictures_ND: Sequence[np.ndarray] | np.ndarray, styles: Sequence[str]
) -> np.ndarray:
    """How like the style vectors of clips and of style pictures of *another* style are: what csd must not let pass."""
    likeness = np.stack(list(style_ND)) @ np.stack(list(pictures_ND)).T
    names = np.array(styles)
    return likeness[names[:, None] != names[None]]


def _lengths(flow: Flow) -> np.ndarray:
    return np.hypot(flow[..., 0], flow[..., 1])


def _unit(rgb: np.ndarray) -> np.ndarray:
    return np.divide(rgb, 255, dtype=np.float32)
