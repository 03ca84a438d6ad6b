"""Which way each metric has to move, and why: in each case against the painted clip.

A case that a metric does not name is not meant to move it one way or the other.
"""

from dataclasses import dataclass
from typing import Literal

Move = Literal["up", "down", "same"]


@dataclass(frozen=True)
class Expectation:
    reason: str
    moves: dict[str, Move]
    """By the keys of the cases."""


NEARER_SOURCE = (
    "it compares with the source: nearer to it when less is painted, further when noise or the style hides it"
)
LAYOUT = "it compares the layout with the source's: all of it is there unpainted, and lost where the style picture is"
NEARER_STYLE = (
    "it compares with the style picture, whatever the order of the frames: nearest when that is shown, further without "
    "the strokes, the colours or the paint, and noise is no paint"
)
WORDS = "it compares with the description, which another clip's does not fit, and the style picture neither"
MOTION = (
    "the source follows its own motion best, half the paint errs half as much, and noise and a mixed order follow none"
)
STEADY = "neighbouring frames are more unlike with noise and in a mixed order, and alike where nothing moves"

LIKENESS: dict[str, Move] = {"unpainted": "up", "half": "up", "noise": "down", "style": "down"}
STYLE_DISTANCE: dict[str, Move] = {
    "unpainted": "up",
    "half": "up",
    "colours": "up",
    "blur": "up",
    "noise": "up",
    "shuffled": "same",
    "style": "down",
}
"""Not where the style picture is pasted in: what is painted well is as near already, and a copy is no paint."""
STEADINESS: dict[str, Move] = {"noise": "down", "shuffled": "down", "frozen": "up", "style": "up"}
WARP: dict[str, Move] = {"unpainted": "down", "half": "down", "noise": "up", "shuffled": "up"}


def _reversed(moves: dict[str, Move]) -> dict[str, Move]:
    turned: dict[Move, Move] = {"up": "down", "down": "up", "same": "same"}
    return {case: turned[move] for case, move in moves.items()}


EXPECTATIONS: dict[str, Expectation] = {
    "psnr": Expectation(NEARER_SOURCE, LIKENESS),
    "ssim": Expectation(NEARER_SOURCE, {**LIKENESS, "pasted": "down"}),
    "lpips-nano": Expectation(NEARER_SOURCE, _reversed({**LIKENESS, "pasted": "down"})),
    "structure-nano": Expectation(LAYOUT, {**LIKENESS, "pasted": "down"}),
    "self-similarity-nano": Expectation(LAYOUT, {"unpainted": "down", "half": "down", "style": "up", "pasted": "up"}),
    "cfsd-nano": Expectation(LAYOUT, {"unpainted": "down", "half": "down", "style": "up", "pasted": "up"}),
    "csd-nano": Expectation(NEARER_STYLE, _reversed(STYLE_DISTANCE)),
    "leakage-nano": Expectation(
        "it looks for what the style picture shows: all of it where that is shown, some where it is pasted",
        {"shuffled": "same", "style": "up", "pasted": "up"},
    ),
    "sliced-wasserstein-nano": Expectation(NEARER_STYLE, STYLE_DISTANCE),
    "gaussian-wasserstein-nano": Expectation(NEARER_STYLE, STYLE_DISTANCE),
    "clip-text-nano": Expectation(WORDS, {"shuffled": "same", "style": "down", "prompt": "down"}),
    "match-nano": Expectation(WORDS, {"style": "down", "prompt": "down"}),
    "warp-error": Expectation(MOTION, WARP),
    "warp-error-long": Expectation(MOTION, WARP),
    "flicker": Expectation(STEADY, STEADINESS),
    "dynamic-degree-nano": Expectation("nothing moves any more", {"frozen": "down", "style": "down"}),
    "smoothness-nano": Expectation(
        "a frame is told from its neighbours: not with noise or in a mixed order, perfectly where nothing moves",
        STEADINESS,
    ),
    "colour-drift": Expectation("the colours wander off", {"drift": "up"}),
    "consistency-nano": Expectation(
        "it compares with the frame before and with the first: alike where nothing moves, less so in a mixed order",
        {"shuffled": "down", "frozen": "up", "style": "up"},
    ),
    "fid-nano": Expectation(NEARER_STYLE, STYLE_DISTANCE),
    "kid-nano": Expectation(NEARER_STYLE, STYLE_DISTANCE),
    "artfid-nano": Expectation(
        "false colours and noise are far from sources and styles alike, a mixed order from the sources; more paint, "
        "further from the one and nearer to the other, may move the product either way",
        {"colours": "up", "noise": "up", "shuffled": "up"},
    ),
}
